import { MICROS_PER_MINUTE, MICROS_PER_MS, type Micros, type Random, type Side } from '../../src/kernel/index.ts'
import type { OrderBook } from '../../src/matching/index.ts'

/** How one market maker differs from the next. */
export interface MakerKind {
  readonly name: string
  readonly spread: number
  readonly step: number
  readonly size: number
  readonly levels: number
  /** Mean time between looks at its quotes when nothing happens. */
  readonly refresh: Micros
  /** Mean delay before it answers a move of the value. */
  readonly reaction: Micros
}

/** A tight one, a middle one, and a slow one that stands behind them with size. */
export const MAKER_KINDS: readonly MakerKind[] = [
  {
    name: 'maker-tight',
    spread: 0.85,
    step: 0.75,
    size: 0.6,
    levels: 7,
    refresh: 2_500_000,
    reaction: 90 * MICROS_PER_MS,
  },
  {
    name: 'maker-middle',
    spread: 1.15,
    step: 1,
    size: 1,
    levels: 8,
    refresh: 4_000_000,
    reaction: 220 * MICROS_PER_MS,
  },
  {
    name: 'maker-deep',
    spread: 2.2,
    step: 1.9,
    size: 2.2,
    levels: 9,
    refresh: 7_000_000,
    reaction: 600 * MICROS_PER_MS,
  },
]

/** A maker's memory. JSON; `bids` and `asks` hold order ids by level, 0 where none rests. */
export interface MakerState {
  inventory: number
  inventoryAt: Micros
  /** The price, in ticks, around which it last quoted. */
  reference: number
  bids: number[]
  asks: number[]
  nextAt: Micros
}

export const newMaker = (kind: MakerKind, at: Micros): MakerState => ({
  inventory: 0,
  inventoryAt: at,
  reference: 0,
  bids: new Array(kind.levels).fill(0),
  asks: new Array(kind.levels).fill(0),
  nextAt: at,
})

/** What a maker sees when it looks. Prices in ticks, quantities in lots. */
export interface MakerView {
  readonly at: Micros
  readonly value: number
  readonly halfSpread: number
  readonly quoteLots: number
  readonly book: OrderBook<number>
  readonly random: Random
  readonly newId: () => number
}

/** It lays off its inventory elsewhere with this time scale, so that it never runs away. */
const HEDGE_LENGTH = 8 * MICROS_PER_MINUTE
/** Full inventory, in lots of its first level, moves its quotes by `SKEW` half spreads. */
const INVENTORY_FULL = 40
const SKEW = 1.2

/** The price around which it wants to quote: away from what it already holds too much of (Avellaneda and Stoikov 2008). */
export function referenceOf(kind: MakerKind, maker: MakerState, view: MakerView): number {
  maker.inventory *= Math.exp(-(view.at - maker.inventoryAt) / HEDGE_LENGTH)
  maker.inventoryAt = view.at
  const fullness = maker.inventory / (INVENTORY_FULL * kind.size * view.quoteLots)
  return view.value - Math.max(-1, Math.min(1, fullness)) * SKEW * view.halfSpread
}

/**
 * Looks at all its quotes and moves those that are off. The side that retreats goes first, so that it never trades with
 * itself; the other stops short of the best opposite price. Gives whether anything changed.
 */
export function refreshQuotes(kind: MakerKind, maker: MakerState, view: MakerView): boolean {
  const before = maker.reference
  maker.reference = referenceOf(kind, maker, view)
  const first: Side = maker.reference >= before ? 'sell' : 'buy'
  const changedFirst = quoteSide(kind, maker, view, first)
  const changedSecond = quoteSide(kind, maker, view, first === 'buy' ? 'sell' : 'buy')
  return changedFirst || changedSecond
}

function quoteSide(kind: MakerKind, maker: MakerState, view: MakerView, side: Side): boolean {
  const { book, random } = view
  const away = side === 'buy' ? -1 : 1
  const ids = side === 'buy' ? maker.bids : maker.asks
  const half = view.halfSpread * kind.spread
  const step = Math.max(1, half * 0.8 * kind.step)
  const opposite = book.best(side === 'buy' ? 'sell' : 'buy')
  let changed = false
  for (let level = 0; level < kind.levels; level++) {
    const distance = half + step * level * (1 + 0.12 * level)
    const target = maker.reference + away * distance
    const id = ids[level]!
    const order = id === 0 ? undefined : book.order(id)
    const tolerance = level === 0 ? half * 0.2 : step * 0.4
    const lots = view.quoteLots * kind.size * (0.5 + 0.6 * level)
    if (order !== undefined && Math.abs(order.price - target) <= tolerance && order.quantity > lots * 0.3) continue
    const jitter = level === 0 ? 0 : (random.next() - 0.5) * step * 0.6
    const wished = away < 0 ? Math.floor(target + jitter) : Math.ceil(target + jitter)
    const price = clampPrice(wished, side, opposite)
    const quantity = Math.max(1, Math.round(lots * Math.exp(random.normal() * 0.35)))
    if (order !== undefined && order.price === price && order.quantity > lots * 0.3) continue
    changed = true
    if (order !== undefined) {
      book.amend(id, { price, quantity })
      continue
    }
    const fresh = view.newId()
    book.submit({
      id: fresh,
      owner: kind.name,
      side,
      type: 'limit',
      timeInForce: 'gtc',
      postOnly: true,
      price,
      quantity,
    })
    ids[level] = fresh
  }
  return changed
}

function clampPrice(price: number, side: Side, opposite: number | undefined): number {
  if (opposite === undefined) return Math.max(1, price)
  return side === 'buy' ? Math.max(1, Math.min(price, opposite - 1)) : Math.max(price, opposite + 1)
}
