import type {
  BookView,
  CandleView,
  EquityPoint,
  EventView,
  FillView,
  OrderView,
  TickerView,
  TradeView,
} from '../contract.ts'
import type { Entry } from './messages.ts'

export type Fold = (state: unknown, entry: Entry) => unknown

/** What a fold gives when what has come does not follow what was there: the topic is then read afresh. */
export const GAP = Symbol('gap')

const ofPages = new Map<string, Fold>()
/** A page that has topics of its own brings along what they amount to. */
export const addFold = (topic: string, fold: Fold): void => void ofPages.set(topic, fold)

/** What each topic amounts to on the page. Pure: the state before and what arrived give the state after. */
const TRADES_MAX = 500
const CANDLES_MAX = 5_000
const FILLS_MAX = 1_000
const ORDERS_MAX = 2_000
const EVENTS_MAX = 500
const EQUITY_MAX = 20_000

const flat = (items: readonly unknown[]): unknown[] => items.flat()
const last = <T>(items: readonly T[], max: number): readonly T[] => (items.length > max ? items.slice(-max) : items)

function appended<T>(before: readonly T[], arrived: readonly T[], id: (item: T) => unknown, max: number): readonly T[] {
  if (arrived.length === 0) return before
  const known = new Set(before.map(id))
  return last([...before, ...arrived.filter(item => !known.has(id(item)))], max)
}

function merged<T>(
  before: ReadonlyMap<string, T>,
  arrived: readonly T[],
  id: (item: T) => string,
): ReadonlyMap<string, T> {
  if (arrived.length === 0) return before
  const after = new Map(before)
  for (const item of arrived) after.set(id(item), item)
  return after
}

/** A newer state is never replaced by an older one. Open orders are never forgotten; of the others the oldest are, past the bound. */
function foldOrders(
  before: ReadonlyMap<string, OrderView>,
  arrived: readonly OrderView[],
): ReadonlyMap<string, OrderView> {
  const after = new Map(before)
  for (const order of arrived) if ((after.get(order.id)?.updatedAt ?? 0) <= order.updatedAt) after.set(order.id, order)
  if (after.size <= ORDERS_MAX) return after
  const byAge = [...after.values()].filter(order => !isOpen(order)).sort((a, b) => a.updatedAt - b.updatedAt)
  for (const order of byAge.slice(0, after.size - ORDERS_MAX)) after.delete(order.id)
  return after
}

const CLOSED = new Set<OrderView['state']>(['denied', 'rejected', 'filled', 'canceled', 'expired'])
export const isOpen = (order: Pick<OrderView, 'state'>): boolean => !CLOSED.has(order.state)

export function foldCandles(before: readonly CandleView[], arrived: readonly CandleView[]): readonly CandleView[] {
  if (arrived.length === 0) return before
  const after = [...before]
  for (const candle of arrived) {
    let index = after.length
    while (index > 0 && (after[index - 1] as CandleView).openAt >= candle.openAt) index--
    const same = after[index]?.openAt === candle.openAt
    after.splice(index, same ? 1 : 0, candle)
  }
  return last(after, CANDLES_MAX)
}

/** Trades have no id of their own; a snapshot replaces and updates follow it, so nothing comes twice. */
const foldTrades = (before: readonly TradeView[], arrived: readonly TradeView[]): readonly TradeView[] =>
  arrived.length === 0 ? before : last([...before, ...arrived], TRADES_MAX)

export interface TopicData {
  ticker: ReadonlyMap<string, TickerView>
  book: BookView
  trades: readonly TradeView[]
  candles: readonly CandleView[]
  orders: ReadonlyMap<string, OrderView>
  fills: readonly FillView[]
  events: readonly EventView[]
  equity: readonly EquityPoint[]
}

const EMPTY_MAP = new Map<string, never>()

export function fold(state: unknown, entry: Entry): unknown {
  const [kind = ''] = entry.topic.split(':', 1)
  const own = ofPages.get(kind)
  if (own) return own(state, entry)
  const base = entry.snapshot ? undefined : state
  const arrived = [...(entry.snapshot ? flat([entry.snapshot.data]) : []), ...flat(entry.updates)]
  switch (kind) {
    case 'ticker':
      return merged((base as TopicData['ticker']) ?? EMPTY_MAP, arrived as TickerView[], item => item.instrument)
    case 'trades':
      return foldTrades((base as TopicData['trades']) ?? [], arrived as TradeView[])
    case 'candles':
      return foldCandles((base as TopicData['candles']) ?? [], arrived as CandleView[])
    case 'orders':
      return foldOrders((base as TopicData['orders']) ?? EMPTY_MAP, arrived as OrderView[])
    case 'fills':
      return appended((base as TopicData['fills']) ?? [], arrived as FillView[], fill => fill.id, FILLS_MAX)
    case 'events':
      return appended((base as TopicData['events']) ?? [], arrived as EventView[], event => event.id, EVENTS_MAX)
    case 'equity':
      return last([...((base as TopicData['equity']) ?? []), ...(arrived as EquityPoint[])], EQUITY_MAX)
    case 'kill-switch': {
      // It is told four times a second and hardly ever changes: then it stays the same thing.
      const next = entry.updates.at(-1) ?? entry.snapshot?.data
      return next === undefined || JSON.stringify(next) === JSON.stringify(state) ? state : next
    }
    default:
      return entry.updates.at(-1) ?? entry.snapshot?.data ?? state
  }
}

/** How many facts of a new snapshot we had not seen: what was missed while the line was down. */
export function unseen(topic: string, before: unknown, after: unknown): number {
  if (topic === 'orders') {
    const known = before as TopicData['orders']
    let count = 0
    for (const [id, order] of after as TopicData['orders']) if (known.get(id)?.updatedAt !== order.updatedAt) count++
    return count
  }
  if (topic !== 'fills' && topic !== 'events') return 0
  const known = new Set((before as readonly { id: string }[]).map(item => item.id))
  return (after as readonly { id: string }[]).filter(item => !known.has(item.id)).length
}
