import { memo, type ReactNode } from 'react'
import type { InstrumentView, TradeView } from '../../contract.ts'
import { useTopic } from '../../feed/use-feed.ts'
import { glanceStep } from '../../show/decimal.ts'
import { Num, Time } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Note, Panel, Skeleton } from '../../ui/panel.tsx'

const SHOWN = 40

/** Trades have no id: each is its own object, and its number says which row it is, so that a row moves and is not rewritten. */
const numbers = new WeakMap<TradeView, number>()
let count = 0
function numberOf(trade: TradeView): number {
  const known = numbers.get(trade)
  if (known !== undefined) return known
  numbers.set(trade, ++count)
  return count
}

/** The trades of the market, newest first. */
export function Tape({ instrument, className }: { instrument: InstrumentView; className?: string }): ReactNode {
  useLanguage()
  const { data } = useTopic<readonly TradeView[]>(`trades:${instrument.id}`)
  return (
    <Panel title={t('tape.title')} className={className ?? ''} needs="market:read" testId="tape">
      {!data ? (
        <Skeleton rows={16} />
      ) : data.length === 0 ? (
        <Note>{t('tape.empty')}</Note>
      ) : (
        <section
          className="min-h-0 flex-1 overflow-y-auto -outline-offset-2"
          dir="ltr"
          aria-label={t('tape.caption', { pair: instrument.pair })}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
          tabIndex={0}
        >
          <table className="grid-table table-fixed">
            <caption className="sr-only">{t('tape.caption', { pair: instrument.pair })}</caption>
            <thead>
              <tr>
                <th scope="col">{t('book.price')}</th>
                <th scope="col" data-end>
                  {t('book.quantity')}
                </th>
                <th scope="col" data-end>
                  {t('tape.time')}
                </th>
              </tr>
            </thead>
            <tbody>
              {data
                .slice(-SHOWN)
                .reverse()
                .map(trade => (
                  <TapeRow
                    key={numberOf(trade)}
                    side={trade.side}
                    price={trade.price}
                    quantity={trade.quantity}
                    at={trade.at}
                    tick={instrument.tick}
                    lot={glanceStep(instrument.lot, trade.price)}
                  />
                ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  )
}

const TapeRow = memo(function TapeRow(props: {
  side: 'buy' | 'sell'
  price: string
  quantity: string
  at: number
  tick: string
  lot: string
}): ReactNode {
  const buy = props.side === 'buy'
  return (
    <tr className="[&>td]:h-5 [&>td]:border-0" data-testid="tape-row">
      <td className={`font-medium ${buy ? 'text-up' : 'text-down'}`}>
        <span aria-hidden="true" className="me-1 text-[0.7em]">
          {buy ? '▲' : '▼'}
        </span>
        <span className="sr-only">{t(`side.${props.side}`)} </span>
        <Num value={props.price} step={props.tick} />
      </td>
      <td data-end>
        <Num value={props.quantity} step={props.lot} />
      </td>
      <td data-end className="text-text-2">
        <Time at={props.at} timeOnly noZone />
      </td>
    </tr>
  )
})
