import { type KeyboardEvent, memo, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import type { BookView, InstrumentView } from '../../contract.ts'
import { useFreshness, useOpenOrders, useTopic } from '../../feed/use-feed.ts'
import { divide, glanceStep, minus } from '../../show/decimal.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Note, Panel, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { Age } from '../../ui/stale.tsx'
import { GROUPS, groupPrice, type Line, ladder } from './ladder.ts'
import { TwinButton } from './twin.tsx'

/** Levels are best first; more than is needed to show a ladder is not asked of a book. */
interface Shown {
  readonly at: number
  readonly bids: readonly (readonly [string, string])[]
  readonly asks: readonly (readonly [string, string])[]
}

interface BookProps {
  readonly instrument: InstrumentView
  readonly group: (typeof GROUPS)[number]
  readonly onGroup: (group: (typeof GROUPS)[number]) => void
  readonly className?: string
}

const LINE_PX = 20
const SPREAD_PX = 30
const LINES_MAX = 30
/** In the table twin, which scrolls. */
const TABLE_LINES = 20

/** As many lines a side as the panel has room for. */
function useLines(box: RefObject<HTMLElement | null>): number {
  const [lines, setLines] = useState(10)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(() =>
      setLines(Math.max(1, Math.min(LINES_MAX, Math.floor((element.clientHeight - SPREAD_PX) / 2 / LINE_PX)))),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return lines
}

/** The book of a market, with the orders of our strategies in it. */
export function Book(props: BookProps): ReactNode {
  const { instrument, group } = props
  const { data } = useTopic<BookView>(`book:${instrument.id}`)
  const own = useOwnPrices(useOpenOrders(), instrument, group)
  return <BookPanel {...props} book={data} own={own} />
}

interface BookPanelProps extends BookProps {
  readonly book: Shown | undefined
  readonly own: ReadonlySet<string>
  /** Until when nothing else has happened; the time of the book itself where that is all there is to know. */
  readonly knownAt?: number | undefined
  /** Takes a price that was chosen; without it the ladder is only to look at. */
  readonly onPrice?: (price: string) => void
}

/** The book as a ladder: asks above, bids below, the same way round in every language. */
export function BookPanel(props: BookPanelProps): ReactNode {
  useLanguage()
  const { instrument, group, onGroup, className, book: data } = props
  const [frozen, setFrozen] = useState<Shown>()
  return (
    <Panel
      title={t('book.title')}
      className={className ?? ''}
      needs="market:read"
      testId="book"
      tools={
        <>
          <Segment
            label={t('book.group')}
            options={GROUPS.map(times => [times, <Sym key={times}>×{times}</Sym>] as const)}
            value={group}
            onChange={onGroup}
            testId="book-group"
          />
          <TwinButton
            on={frozen !== undefined}
            onToggle={() => setFrozen(frozen ? undefined : data)}
            what={t('book.title')}
          />
        </>
      }
    >
      {!data ? (
        <Skeleton rows={16} />
      ) : data.asks.length + data.bids.length === 0 ? (
        <Note>{t('book.empty')}</Note>
      ) : frozen ? (
        <BookTable book={frozen} instrument={instrument} onRefresh={() => setFrozen(data)} />
      ) : (
        <Ladder {...props} book={data} />
      )}
    </Panel>
  )
}

/** Where orders of ours stand, as the side and the price of a line. */
export function useOwnPrices(
  open: readonly { instrument: string; side: 'buy' | 'sell'; price: string | null }[] | undefined,
  instrument: InstrumentView,
  group: number,
): ReadonlySet<string> {
  return useMemo(() => {
    const mine = (open ?? []).flatMap(order =>
      order.instrument === instrument.id && order.price !== null
        ? [`${order.side} ${groupPrice(order.price, instrument.tick, group, order.side)}`]
        : [],
    )
    return new Set(mine)
  }, [open, instrument, group])
}

function Ladder(props: BookPanelProps & { readonly book: Shown }): ReactNode {
  const { book, instrument, group, own } = props
  const box = useRef<HTMLDivElement>(null)
  const lines = useLines(box)
  const knownAt = Math.max(book.at, props.knownAt ?? 0)
  const { freshness } = useFreshness(knownAt)
  const options = { tick: instrument.tick, lot: instrument.lot, times: group, count: lines }
  const asks = ladder(book.asks, { ...options, side: 'sell' })
  const bids = ladder(book.bids, { ...options, side: 'buy' })
  const stale = freshness === 'stale' || freshness === 'lost'
  // What is too old is not to be acted on.
  const onPrice = stale ? undefined : props.onPrice
  return (
    <div
      dir="ltr"
      className={`flex min-h-0 flex-1 flex-col text-cell ${stale ? 'bg-stale-bg' : ''} ${freshness === 'lost' ? 'line-through' : ''}`}
      data-freshness={freshness}
    >
      <div
        className="grid h-7 shrink-0 grid-cols-[1fr_1fr_1fr] items-center border-b border-line bg-surface px-3 text-text-2"
        aria-hidden="true"
      >
        <span>{t('book.price')}</span>
        <span className="text-end">{t('book.quantity')}</span>
        <span className="text-end">{t('book.total')}</span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the role is a group where there is something to press */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: either role takes a label */}
      <div
        ref={box}
        role={props.onPrice ? 'group' : 'img'}
        aria-label={summary(book, instrument)}
        onKeyDown={props.onPrice && moveFocus}
        className="flex min-h-0 flex-1 flex-col justify-center overflow-hidden"
      >
        <Side lines={pad(asks, lines)} side="sell" instrument={instrument} own={own} onPrice={onPrice} reverse />
        <Spread book={book} instrument={instrument} knownAt={knownAt} />
        <Side lines={pad(bids, lines)} side="buy" instrument={instrument} own={own} onPrice={onPrice} />
      </div>
    </div>
  )
}

/** Up and down the lines, as they stand on the screen. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (!step) return
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>('button')]
  lines.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
  lines[lines.indexOf(event.target as HTMLElement) + step]?.focus()
  event.preventDefault()
}

const pad = (lines: Line[], count: number): (Line | undefined)[] =>
  Array.from({ length: count }, (_, index) => lines[index])

function Side(props: {
  lines: (Line | undefined)[]
  side: 'buy' | 'sell'
  instrument: InstrumentView
  own: ReadonlySet<string>
  onPrice: ((price: string) => void) | undefined
  reverse?: boolean
}): ReactNode {
  return (
    <div className={`flex shrink-0 ${props.reverse ? 'flex-col-reverse' : 'flex-col'}`}>
      {props.lines.map((line, slot) => (
        <LadderLine
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot of the ladder is its place, not its price
          key={slot}
          price={line?.price}
          quantity={line?.quantity}
          total={line?.total}
          depth={line?.depth ?? 0}
          side={props.side}
          tick={props.instrument.tick}
          lot={glanceStep(props.instrument.lot, line?.price)}
          mine={line !== undefined && props.own.has(`${props.side} ${line.price}`)}
          onPrice={props.onPrice}
          first={slot === 0}
        />
      ))}
    </div>
  )
}

interface LadderLineProps {
  readonly price: string | undefined
  readonly quantity: string | undefined
  readonly total: string | undefined
  readonly depth: number
  readonly side: 'buy' | 'sell'
  readonly tick: string
  readonly lot: string
  readonly mine: boolean
  readonly onPrice: ((price: string) => void) | undefined
  /** The one that the Tab key stops at; the arrows go on from there. */
  readonly first: boolean
}

const LadderLine = memo(function LadderLine(props: LadderLineProps): ReactNode {
  const { side, price } = props
  if (price === undefined) return <div className="h-5 shrink-0" />
  const { onPrice } = props
  const line = {
    className: 'relative grid h-5 w-full shrink-0 grid-cols-[1fr_1fr_1fr] items-center px-3 text-start',
    'data-testid': `book-${side === 'buy' ? 'bid' : 'ask'}`,
    'data-price': price,
  }
  const cells = (
    <>
      <span
        className={`depth ${side === 'buy' ? 'bg-up-tint' : 'bg-down-tint'}`}
        style={{ transform: `scaleX(${props.depth})` }}
      />
      <span className={`relative flex items-center gap-1 font-medium ${side === 'buy' ? 'text-up' : 'text-down'}`}>
        <Num value={price} step={props.tick} />
        {props.mine && (
          <span
            className="rounded-[2px] bg-ink px-1 text-[0.625rem] leading-3.5 font-semibold text-on-ink"
            title={t('book.mine')}
            data-testid="book-mine"
          >
            {t('book.mine.short')}
          </span>
        )}
      </span>
      <span className="relative text-end">
        <Num value={props.quantity} step={props.lot} />
      </span>
      <span className="relative text-end text-text-2">
        <Num value={props.total} step={props.lot} />
      </span>
    </>
  )
  if (!onPrice) return <div {...line}>{cells}</div>
  return (
    <button
      type="button"
      {...line}
      className={`${line.className} -outline-offset-2 hover:bg-surface2`}
      tabIndex={props.first ? 0 : -1}
      onClick={() => onPrice(price)}
    >
      {cells}
    </button>
  )
})

function Spread({
  book,
  instrument,
  knownAt,
}: {
  book: Shown
  instrument: InstrumentView
  knownAt: number
}): ReactNode {
  const bid = book.bids[0]?.[0]
  const ask = book.asks[0]?.[0]
  const spread = bid && ask ? minus(ask, bid) : null
  const bps = spread && bid ? divide(`${spread}e4`, bid, 1) : null
  return (
    <div className="my-0.5 flex h-6 shrink-0 items-center justify-between border-y border-line px-3 text-text-2">
      <span className="flex items-center gap-2">
        {t('book.spread')} <Age at={knownAt} />
      </span>
      <span className="flex gap-3">
        <Num value={spread} step={instrument.tick} />
        <Num value={bps} decimals={1} unit="bps" ch={8} />
      </span>
    </div>
  )
}

const summary = (book: Shown, instrument: InstrumentView): string =>
  t('book.summary', {
    pair: instrument.pair,
    bid: book.bids[0]?.[0] ?? '—',
    ask: book.asks[0]?.[0] ?? '—',
    quote: instrument.quote,
  })

/** The same book, held still, for reading at one's own pace. */
function BookTable({
  book,
  instrument,
  onRefresh,
}: {
  book: Shown
  instrument: InstrumentView
  onRefresh: () => void
}): ReactNode {
  const sides = [
    ['sell', book.asks.slice(0, TABLE_LINES).reverse()],
    ['buy', book.bids.slice(0, TABLE_LINES)],
  ] as const
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="flex items-center justify-between gap-2 px-3 py-1 text-text-2">
        <span>{rich('twin.frozenAt', { at: <Time at={book.at} timeOnly /> })}</span>
        <button type="button" className="btn" onClick={onRefresh}>
          {t('twin.refresh')}
        </button>
      </div>
      <table className="grid-table">
        <caption className="sr-only">{t('book.caption', { pair: instrument.pair })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('order.side')}</th>
            <th scope="col" data-end>
              {t('book.price')}
            </th>
            <th scope="col" data-end>
              {t('book.quantity')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sides.flatMap(([side, levels]) =>
            levels.map(([price, quantity]) => (
              <tr key={`${side}${price}`}>
                <td>{t(side === 'buy' ? 'book.bid' : 'book.ask')}</td>
                <td data-end>
                  <Num value={price} step={instrument.tick} />
                </td>
                <td data-end>
                  <Num value={quantity} step={instrument.lot} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  )
}
