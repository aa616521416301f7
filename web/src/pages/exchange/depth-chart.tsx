import type { ReactNode } from 'react'
import { decimalsOf } from '../../show/decimal.ts'
import { Num } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Note, Panel, Skeleton } from '../../ui/panel.tsx'
import type { HouseInstrument } from './data.ts'
import { depthOf, outline } from './depth.ts'
import type { HouseBook } from './house-book.ts'

interface DepthProps {
  readonly book: HouseBook | undefined
  readonly instrument: HouseInstrument
  /** What else can be shown in this place. */
  readonly switcher?: ReactNode
}

export function DepthPanel({ switcher, ...props }: DepthProps): ReactNode {
  useLanguage()
  return (
    <Panel title={t('depth.title')} className="flex-1" needs="market:read" tools={switcher} testId="depth">
      <DepthChart {...props} />
    </Panel>
  )
}

/** How much is offered up to each price: bids on the left, asks on the right, in every language. Its table is the book's. */
function DepthChart({ book, instrument }: DepthProps): ReactNode {
  if (!book) return <Skeleton rows={10} />
  const depth = depthOf(book)
  if (!depth) return <Note>{t('depth.empty')}</Note>
  const { bids, asks, middle, reach, most } = depth
  const price = (value: number): ReactNode => <Num value={value} decimals={decimalsOf(instrument.tick)} />
  return (
    <div dir="ltr" className="flex min-h-0 flex-1 flex-col p-3 text-cell text-text-2">
      <div className="flex justify-between">
        <span className="font-medium text-up">{t('book.bid')}</span>
        <span dir="auto">
          {rich('depth.most', { amount: <Num value={Math.round(most)} unit={instrument.base} /> })}
        </span>
        <span className="font-medium text-down">{t('book.ask')}</span>
      </div>
      <svg
        role="img"
        aria-label={t('depth.summary', {
          pair: instrument.pair,
          bid: String(Math.round(bids.at(-1)?.total ?? 0)),
          ask: String(Math.round(asks.at(-1)?.total ?? 0)),
          base: instrument.base,
        })}
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        className="min-h-0 w-full flex-1 border-b border-control"
      >
        <path
          d={outline(bids, depth)}
          className="fill-up-tint stroke-up"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
        <path
          d={outline(asks, depth)}
          className="fill-down-tint stroke-down"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
        <line
          x1="50"
          x2="50"
          y1="0"
          y2="100"
          stroke="var(--control)"
          strokeDasharray="2 3"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <div className="flex justify-between pt-1">
        {price(middle - reach)}
        {price(middle)}
        {price(middle + reach)}
      </div>
    </div>
  )
}
