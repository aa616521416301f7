import { type ReactNode, useCallback, useMemo, useState } from 'react'
import type { HouseOrderView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { may } from '../../session/session.ts'
import { useShortcuts } from '../../shell/keyboard.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Note, problemText, Skeleton } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { AmendDialog } from './amend.tsx'
import { CancelAllDialog } from './cancel-all.tsx'
import { type HouseInstrument, useHouseOrders } from './data.ts'
import { Closed, Fills, Refused } from './history.tsx'
import { useOpenColumns } from './house-columns.tsx'

const TABS = ['orders', 'history', 'fills'] as const

interface BlotterProps {
  readonly instrument: HouseInstrument
  readonly tab: string | undefined
  readonly onTab: (tab: string | undefined) => void
  readonly className: string
}

/** What is ours on the exchange: orders that work, orders that are over, and fills; on every instrument. */
export function Blotter({ instrument, tab, onTab, className }: BlotterProps): ReactNode {
  useLanguage()
  const { open } = useHouseOrders()
  const [dialog, setDialog] = useState<HouseOrderView | 'all'>()
  const here = useMemo(() => open?.filter(order => order.instrument === instrument.id), [open, instrument.id])
  const mayCancelAll = may('orders:cancel') && here !== undefined && here.length > 0
  useShortcuts({ 'shift+c': () => mayCancelAll && setDialog('all') })
  return (
    <>
      <Tabs
        label={t('house.ours')}
        className={className}
        value={TABS.find(one => one === tab) ?? 'orders'}
        onChange={next => onTab(next === 'orders' ? undefined : next)}
        tools={
          mayCancelAll && (
            <button type="button" className="btn" onClick={() => setDialog('all')} data-testid="cancel-all">
              {t('house.cancelAll', { pair: instrument.pair })}
            </button>
          )
        }
        items={[
          {
            key: 'orders',
            label: (
              <>
                {t('orders.open')}{' '}
                <Num value={open?.length ?? null} ch={2} className="text-text-3" testId="house-open-count" />
              </>
            ),
            content: () => <OpenOrders onAmend={setDialog} />,
          },
          { key: 'history', label: t('house.history'), content: () => <Closed /> },
          { key: 'fills', label: t('fills.title'), content: () => <Fills /> },
        ]}
      />
      {dialog === 'all' && here && (
        <CancelAllDialog instrument={instrument} count={here.length} onClose={() => setDialog(undefined)} />
      )}
      {dialog !== undefined && dialog !== 'all' && <AmendDialog order={dialog} onClose={() => setDialog(undefined)} />}
    </>
  )
}

/** What a page shows of an order changes when the exchange says so. */
function OpenOrders({ onAmend }: { onAmend: (order: HouseOrderView) => void }): ReactNode {
  const { open, refused } = useHouseOrders()
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<Problem>()
  const actions = useCallback(
    (order: HouseOrderView): ReactNode => {
      async function cancel(): Promise<void> {
        setProblem(undefined)
        setAsked(before => new Set(before).add(order.id))
        try {
          await call('DELETE', `/v1/exchange/orders/${order.id}`)
          announce(t('house.canceled'))
        } catch (error) {
          setProblem(error as Problem)
          setAsked(before => new Set([...before].filter(id => id !== order.id)))
        }
      }
      return (
        <span className="flex justify-end gap-1">
          {may('orders:write') && (order.type === 'limit' || order.state === 'waiting') && (
            <button
              type="button"
              className="btn btn-bare px-1.5"
              onClick={() => onAmend(order)}
              data-testid="order-amend"
            >
              {t('house.amend')}
            </button>
          )}
          {may('orders:cancel') && (
            <button
              type="button"
              className="btn px-1.5"
              disabled={asked.has(order.id)}
              onClick={() => void cancel()}
              data-testid="order-cancel"
            >
              {t(asked.has(order.id) ? 'house.canceling' : 'house.cancel')}
            </button>
          )}
        </span>
      )
    },
    [asked, onAmend],
  )
  const columns = useOpenColumns(actions)
  if (!open) return refused ? <Refused detail={refused.detail} /> : <Skeleton rows={5} />
  return (
    <>
      {problem && (
        <p role="alert" className="bg-alarm-bg px-3 py-1 text-alarm">
          {problemText(problem)}
        </p>
      )}
      <Table
        label={t('orders.open')}
        rows={open}
        columns={columns}
        rowKey={order => order.id}
        rowTestId="house-order"
        empty={<Note>{t('house.open.empty')}</Note>}
      />
    </>
  )
}
