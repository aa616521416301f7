import { type ReactNode, useState } from 'react'
import type { OrderEventView, OrderView } from '../../contract.ts'
import { isOpen } from '../../feed/folds.ts'
import { useOrdersFeed } from '../../feed/use-feed.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { useOrderHistory } from '../../session/queries.ts'
import { may } from '../../session/session.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { hasText, t, useLanguage } from '../../text/text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, problemText, Skeleton } from '../../ui/panel.tsx'
import { useInstrumentMap } from './instruments.ts'
import { MarketName } from './market-name.tsx'
import { OrderState, SideWord } from './order-state.tsx'

/** One order and everything that happened to it, live. */
export default function OrderSheet({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  useLanguage()
  const live = useOrdersFeed().data?.get(id)
  const history = useOrderHistory(id, live?.updatedAt)
  const order = live ?? history.data?.order
  return (
    <Dialog side title={t('order.title')} onClose={onClose} testId="order-sheet">
      {order && <Summary order={order} />}
      {order && isOpen(order) && may('orders:cancel') && <Cancel order={order} />}
      <h3 className="mt-6 mb-2 text-form font-semibold">{t('order.history')}</h3>
      {history.error ? (
        <Failure error={history.error} onRetry={() => void history.refetch()} />
      ) : !history.data ? (
        <Skeleton rows={4} />
      ) : (
        <ol className="border-s border-line" data-testid="order-history">
          {history.data.history.map(event => (
            <Step key={event.sequence} event={event} />
          ))}
        </ol>
      )}
    </Dialog>
  )
}

/** Asks for the order to be canceled; what the page shows of it changes only when the server says so. */
function Cancel({ order }: { order: OrderView }): ReactNode {
  const [asked, setAsked] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  async function cancel(): Promise<void> {
    setAsked(true)
    setProblem(undefined)
    try {
      await call<OrderView>('POST', `/v1/orders/${encodeURIComponent(order.id)}/cancel`)
    } catch (error) {
      setProblem(error as Problem)
      setAsked(false)
    }
  }
  return (
    <p className="mt-4 flex flex-wrap items-center gap-3">
      <button type="button" className="btn" disabled={asked} onClick={() => void cancel()} data-testid="order-cancel">
        {t('order.cancel')}
      </button>
      {asked && <span className="text-text-2">{t('order.cancel.asked')}</span>}
      {problem && (
        <span role="alert" className="text-danger">
          {problemText(problem)}
        </span>
      )}
    </p>
  )
}

function Summary({ order }: { order: OrderView }): ReactNode {
  const instrument = useInstrumentMap().get(order.instrument)
  const price = (value: string | null): ReactNode => (
    <Num value={value} step={instrument?.tick} unit={instrument?.quote} />
  )
  const size = (value: string): ReactNode => <Num value={value} step={instrument?.lot} unit={instrument?.base} />
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('order.instrument'), <MarketName key="i" id={order.instrument} />],
    [t('order.side'), <SideWord key="s" side={order.side} />],
    [t('order.type'), `${t(`orderType.${order.type}`)} · ${order.timeInForce.toUpperCase()}`],
    [
      t('order.price'),
      order.price === null && order.triggerPrice === null
        ? t('order.atMarket')
        : price(order.price ?? order.triggerPrice),
    ],
    [t('order.quantity'), size(order.quantity)],
    [t('order.filled'), size(order.filled)],
    [t('order.average'), price(order.averagePrice)],
    [t('order.fees'), <Num key="f" value={order.fees} unit={instrument?.quote} />],
    [t('order.run'), <bdi key="r">{order.runName}</bdi>],
    [t('order.created'), <Time key="c" at={order.createdAt} precision="milliseconds" />],
  ]
  return (
    <>
      <p className="flex flex-wrap items-center gap-3 text-form">
        <OrderState state={order.state} />
        <Sym mono>{order.id}</Sym>
      </p>
      {order.reason && (
        <p className="mt-2 rounded-control bg-surface p-2">
          <span className="text-text-2">{t('order.reason')}: </span>
          <bdi dir="auto">{order.reason}</bdi>
        </p>
      )}
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="col-span-full grid grid-cols-subgrid">
            <dt className="text-text-2">{name}</dt>
            <dd className="text-end">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** What a history's facts are called; others show the name they came with. */
export const eventName = (type: string): string => {
  const key = `event.${type}`
  return hasText(key) ? t(key) : type
}

function Step({ event }: { event: OrderEventView }): ReactNode {
  const entries = Object.entries(event.data).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  )
  return (
    <li className="relative ps-4 pb-4" data-testid="order-event" data-type={event.type}>
      <span aria-hidden="true" className="absolute -start-[4.5px] top-1.5 size-2 rounded-full bg-ink" />
      <p className="flex flex-wrap items-baseline gap-x-2">
        <strong className="font-semibold">{eventName(event.type)}</strong>
        <span className="text-cell text-text-2">
          <Time at={event.at} precision="milliseconds" />
        </span>
      </p>
      {entries.length > 0 && (
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 text-cell">
          {entries.map(([name, value]) => (
            <div key={name} className="col-span-full grid grid-cols-subgrid">
              <dt className="text-text-2">
                <Sym mono>{name}</Sym>
              </dt>
              <dd className="min-w-0 break-words">
                <bdi dir="ltr">{typeof value === 'object' ? JSON.stringify(value) : String(value)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
