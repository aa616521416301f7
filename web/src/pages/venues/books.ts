import type { VenueBookView, VenueView } from '../../contract.ts'
import { compare, divide, minus, sum, times } from '../../show/decimal.ts'

/** One pair over all venues, and who offers most for it. */
export interface PairRow {
  readonly pair: string
  /** By the name of the venue. */
  readonly books: ReadonlyMap<string, VenueBookView>
  /** The highest bid and the lowest ask of the books that may be traded on. */
  readonly bestBid: string | undefined
  readonly bestAsk: string | undefined
  /** From the best bid to the best ask, whichever venues they are of; negative where one venue bids above another's ask. */
  readonly acrossBps: string | undefined
}

const BPS_DECIMALS = 2

/** (ask − bid) ÷ the middle of both, in hundredths of a percent. */
export function spreadBps(bid: string | null | undefined, ask: string | null | undefined): string | undefined {
  if (bid == null || ask == null) return undefined
  // The middle is half of the sum: 10,000 ÷ ½ = 20,000.
  return divide(times(minus(ask, bid), '20000'), sum([bid, ask]), BPS_DECIMALS)
}

function bestOf(books: Iterable<VenueBookView>): Pick<PairRow, 'bestBid' | 'bestAsk'> {
  let bestBid: string | undefined
  let bestAsk: string | undefined
  for (const { bid, ask, staleness } of books) {
    if (staleness !== null) continue
    if (bid !== null && (bestBid === undefined || compare(bid, bestBid) > 0)) bestBid = bid
    if (ask !== null && (bestAsk === undefined || compare(ask, bestAsk) < 0)) bestAsk = ask
  }
  return { bestBid, bestAsk }
}

/** The best of a side, and to be traded on: several venues may share it. */
export const isBest = (book: VenueBookView, side: 'bid' | 'ask', row: PairRow): boolean => {
  const best = side === 'bid' ? row.bestBid : row.bestAsk
  const own = book[side]
  return book.staleness === null && own !== null && best !== undefined && compare(own, best) === 0
}

/** Pairs by name; a pair that only some venues have is there too. */
export function pairRows(venues: readonly VenueView[]): readonly PairRow[] {
  const byPair = new Map<string, Map<string, VenueBookView>>()
  for (const { name, books } of venues)
    for (const book of books) {
      const row = byPair.get(book.pair) ?? new Map<string, VenueBookView>()
      byPair.set(book.pair, row.set(name, book))
    }
  return [...byPair]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pair, books]) => {
      const best = bestOf(books.values())
      return { pair, books, ...best, acrossBps: spreadBps(best.bestBid, best.bestAsk) }
    })
}
