import type { HouseFillView, HouseOrderView, L2View } from '../../contract.ts'
import { addFold, GAP } from '../../feed/folds.ts'
import type { Entry } from '../../feed/messages.ts'
import { compare, signOf } from '../../show/decimal.ts'

export type Level = readonly [price: string, quantity: string]

/** A book by level, best first; made from a snapshot and the changes that follow it. */
export interface HouseBook {
  readonly at: number
  readonly sequence: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Levels of each side that a checksum covers. */
const CHECKSUM_LEVELS = 25
const ORDERS_MAX = 2_000
const FILLS_MAX = 1_000

/** CRC-32 (ISO 3309), unsigned. @example crc32('123456789') → 0xcbf43926 */
export function crc32(text: string): number {
  let crc = -1
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0)
  }
  return ~crc >>> 0
}

/** `bidPrice:bidQuantity:askPrice:askQuantity:…` of the best levels, a side that has run out left out; see `L2View`. */
export function checksumOf({ bids, asks }: Pick<HouseBook, 'bids' | 'asks'>): number {
  const parts: string[] = []
  for (let index = 0; index < CHECKSUM_LEVELS; index++) {
    const [bid, ask] = [bids[index], asks[index]]
    if (bid) parts.push(bid[0], bid[1])
    if (ask) parts.push(ask[0], ask[1])
  }
  return crc32(parts.join(':'))
}

/** Puts a level in its place, or takes it away where nothing is left of it. */
function change(side: Level[], [price, quantity]: Level, better: 1 | -1): void {
  let [low, high] = [0, side.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare((side[middle] as Level)[0], price) === better) low = middle + 1
    else high = middle
  }
  const isThere = side[low]?.[0] === price
  if (signOf(quantity) === 0) side.splice(low, isThere ? 1 : 0)
  else side.splice(low, isThere ? 1 : 0, [price, quantity])
}

/**
 * The book after what has arrived. What it says already is passed over; where a change is missing, or the levels are not
 * those that the exchange has, it is a gap.
 */
export function foldBook(before: HouseBook | undefined, entry: Pick<Entry, 'snapshot' | 'updates'>): unknown {
  const [snapshot] = (entry.snapshot?.data ?? []) as readonly L2View[]
  const from = snapshot ?? before
  if (!from) return GAP
  const [bids, asks] = [[...from.bids], [...from.asks]]
  let { at, sequence } = from
  let checksum: number | undefined
  for (const update of entry.updates as readonly L2View[]) {
    if (update.sequence <= sequence) continue
    if (update.sequence !== sequence + 1) return GAP
    for (const level of update.bids) change(bids, level, 1)
    for (const level of update.asks) change(asks, level, -1)
    ;({ at, sequence, checksum } = update)
  }
  const after: HouseBook = { at, sequence, bids, asks }
  return checksum !== undefined && checksum !== checksumOf(after) ? GAP : after
}

const CLOSED: ReadonlySet<HouseOrderView['state']> = new Set(['filled', 'canceled', 'expired'])
export const isWorking = ({ state }: Pick<HouseOrderView, 'state'>): boolean => !CLOSED.has(state)

const arrived = <T>({ snapshot, updates }: Pick<Entry, 'snapshot' | 'updates'>): readonly T[] =>
  [...(snapshot ? [snapshot.data] : []), ...updates].flat() as T[]

/** By id; a newer state is never replaced by an older one, and of those that are over the oldest are forgotten. */
export function foldHouseOrders(
  before: ReadonlyMap<string, HouseOrderView> | undefined,
  entry: Pick<Entry, 'snapshot' | 'updates'>,
): ReadonlyMap<string, HouseOrderView> {
  const after = new Map(entry.snapshot ? undefined : before)
  for (const order of arrived<HouseOrderView>(entry))
    if ((after.get(order.id)?.updatedAt ?? 0) <= order.updatedAt) after.set(order.id, order)
  if (after.size <= ORDERS_MAX) return after
  const over = [...after.values()].filter(order => !isWorking(order)).sort((a, b) => a.updatedAt - b.updatedAt)
  for (const { id } of over.slice(0, after.size - ORDERS_MAX)) after.delete(id)
  return after
}

/** Oldest first, each once: a trade with oneself is two fills of one id, one for each order. */
export function foldHouseFills(
  before: readonly HouseFillView[] | undefined,
  entry: Pick<Entry, 'snapshot' | 'updates'>,
): readonly HouseFillView[] {
  const keyOf = ({ id, order }: HouseFillView): string => `${id} ${order}`
  const after = new Map((entry.snapshot ? [] : (before ?? [])).map(fill => [keyOf(fill), fill]))
  for (const fill of arrived<HouseFillView>(entry)) after.set(keyOf(fill), fill)
  return [...after.values()].slice(-FILLS_MAX)
}

addFold('l2', (state, entry) => foldBook(state as HouseBook | undefined, entry))
addFold('exchange-orders', (state, entry) =>
  foldHouseOrders(state as ReadonlyMap<string, HouseOrderView> | undefined, entry),
)
addFold('exchange-fills', (state, entry) => foldHouseFills(state as readonly HouseFillView[] | undefined, entry))
