import {
  assert,
  type Instrument,
  type Lots,
  MICROS_PER_HOUR,
  type Micros,
  type Side,
  type Ticks,
} from '../../../src/kernel/index.ts'
import {
  type BookOutcome,
  type BookState,
  createBook,
  type NewBookOrder,
  type OrderBook,
  restoreBook,
} from '../../../src/matching/index.ts'
import {
  createLivingMarket,
  type LivingMarket,
  type LivingMarketState,
  restoreLivingMarket,
} from '../../market/index.ts'

/** An instrument as a simulated venue lists it. */
export interface SimulatedInstrument {
  readonly instrument: Instrument
  /** The venue's own name in REST, e.g. `XXRPZUSD`. */
  readonly symbol: string
  /** Smallest order in units of 10^-18 of the quote asset. */
  readonly notionalMin: bigint
  readonly makerPpm: number
  readonly takerPpm: number
}

export type OutcomeListener = (instrument: SimulatedInstrument, outcome: BookOutcome<number>, at: Micros) => void

/** The books of a venue's instruments and what moves them: a crowd of its own, or nobody but the venue's clients. */
export interface SimulatedMarket {
  readonly instruments: readonly SimulatedInstrument[]
  readonly now: Micros
  /** Lets the crowd live until `to`. */
  advance(to: Micros): void
  submit(instrument: SimulatedInstrument, order: NewBookOrder<number>, at: Micros): void
  cancel(instrument: SimulatedInstrument, id: number, at: Micros): void
  amend(instrument: SimulatedInstrument, id: number, change: { price: Ticks; quantity: Lots }, at: Micros): void
  rests(instrument: SimulatedInstrument, id: number): boolean
  best(instrument: SimulatedInstrument, side: Side): Ticks | undefined
  /** Between the best prices, or the last trade. */
  reference(instrument: SimulatedInstrument): Ticks
  /** The worst price that taking so much would reach. */
  worst(instrument: SimulatedInstrument, side: Side, quantity: Lots): Ticks
  levels(instrument: SimulatedInstrument, depth: number): ReturnType<OrderBook<number>['levels']>
  /** Order by order, for venues that publish them so. Those of clients have the number of their order below zero. */
  orders(instrument: SimulatedInstrument, side: Side): ReturnType<OrderBook<number>['orders']>
  /** Counts the changes of a book, so that whoever shows it knows when to look. */
  version(instrument: SimulatedInstrument): number
  listen(listener: OutcomeListener): void
  /** Runs something once the present outcomes have all been told. */
  later(work: () => void): void
  snapshot(): MarketState
}

/** The books and what moves them; JSON. */
export interface MarketState {
  readonly at: Micros
  readonly versions: readonly (readonly [Instrument['id'], number])[]
  readonly lastPrices: readonly (readonly [Instrument['id'], Ticks])[]
  readonly source:
    | { readonly kind: 'living'; readonly market: LivingMarketState }
    | { readonly kind: 'still'; readonly books: readonly (readonly [Instrument['id'], BookState<number>])[] }
}

export interface SimulatedMarketOptions {
  readonly instruments: readonly SimulatedInstrument[]
  readonly seed: string
  readonly start: Micros
  /** `living`: a crowd trades; `still`: a fixed ladder around each price, which only clients change. */
  readonly kind: 'living' | 'still'
  /** First prices by pair, in the quote asset. */
  readonly prices?: Readonly<Record<string, number>>
  /** Goes on from there; the start and the prices are its own then. */
  readonly state?: MarketState
}

/** How far the crowd is let live in one call of the living market. */
const SLICE: Micros = MICROS_PER_HOUR
/** The ladder of a still market: levels a side, the first this far from the middle, each as large as this in the quote asset. */
const STILL_LEVELS = 30
const STILL_NOTIONAL = 5_000
/** Ids of the still ladder and of what tests put there; the crowd's count from 1. */
const STILL_ID = 1_000_000_000

export function createSimulatedMarket(options: SimulatedMarketOptions): SimulatedMarket {
  const { instruments, state } = options
  for (const { instrument } of instruments)
    assert(state?.versions.some(([id]) => id === instrument.id) ?? true, `the state has no book of ${instrument.id}`)
  const listeners: OutcomeListener[] = []
  const waiting: (() => void)[] = []
  const versions = new Map([...instruments.map(one => [one.instrument.id, 0] as const), ...(state?.versions ?? [])])
  const lastPrices = new Map<Instrument['id'], Ticks>(state?.lastPrices)
  const byId = new Map(instruments.map(one => [one.instrument.id, one]))
  let now = state?.at ?? options.start
  let depth = 0

  const told = (id: Instrument['id'], outcomes: readonly BookOutcome<number>[], at: Micros) => {
    if (outcomes.length === 0) return
    versions.set(id, versions.get(id)! + 1)
    const instrument = byId.get(id)!
    depth += 1
    for (const outcome of outcomes) {
      if (outcome.type === 'traded') lastPrices.set(id, outcome.price)
      for (const listener of listeners) listener(instrument, outcome, at)
    }
    depth -= 1
    while (depth === 0 && waiting.length > 0) waiting.shift()!()
  }
  const source = options.kind === 'living' ? living(options, told) : still(options)
  const bookOf = ({ instrument }: SimulatedInstrument): OrderBook<number> => source.book(instrument.id)

  return {
    instruments,
    get now() {
      return now
    },
    advance(to) {
      while (now < to) {
        const until = Math.min(to, now + SLICE)
        source.advance(until)
        now = until
      }
    },
    submit: (instrument, order, at) => told(instrument.instrument.id, bookOf(instrument).submit(order), at),
    cancel: (instrument, id, at) => told(instrument.instrument.id, bookOf(instrument).cancel(id), at),
    amend: (instrument, id, change, at) => told(instrument.instrument.id, bookOf(instrument).amend(id, change), at),
    rests: (instrument, id) => bookOf(instrument).order(id) !== undefined,
    best: (instrument, side) => bookOf(instrument).best(side),
    reference(instrument) {
      const [bid, ask] = [bookOf(instrument).best('buy'), bookOf(instrument).best('sell')]
      if (bid !== undefined && ask !== undefined) return Math.round((bid + ask) / 2)
      return bid ?? ask ?? lastPrices.get(instrument.instrument.id) ?? 1
    },
    worst(instrument, side, quantity) {
      const levels = bookOf(instrument).levels(10_000)[side === 'buy' ? 'asks' : 'bids']
      let open = quantity
      for (const [price, lots] of levels) {
        open -= lots
        if (open <= 0) return price
      }
      return levels.at(-1)?.[0] ?? lastPrices.get(instrument.instrument.id) ?? 1
    },
    levels: (instrument, levels) => bookOf(instrument).levels(levels),
    orders: (instrument, side) => bookOf(instrument).orders(side),
    version: instrument => versions.get(instrument.instrument.id)!,
    listen: listener => void listeners.push(listener),
    later(work) {
      if (depth === 0) work()
      else waiting.push(work)
    },
    snapshot: () => ({
      at: now,
      versions: [...versions],
      lastPrices: [...lastPrices],
      source: source.snapshot(),
    }),
  }
}

interface Source {
  snapshot(): MarketState['source']
  book(id: Instrument['id']): OrderBook<number>
  advance(to: Micros): void
}

function living(
  { instruments, seed, start, prices, state }: SimulatedMarketOptions,
  told: (id: Instrument['id'], outcomes: readonly BookOutcome<number>[], at: Micros) => void,
): Source {
  const common = {
    instruments: instruments.map(({ instrument }) => instrument),
    bookEvery: Number.POSITIVE_INFINITY,
    onOutcomes: (instrument: Instrument, outcomes: readonly BookOutcome<number>[], at: Micros) =>
      told(instrument.id, outcomes, at),
  }
  const market: LivingMarket =
    state?.source.kind === 'living'
      ? restoreLivingMarket(state.source.market, common)
      : createLivingMarket({ ...common, seed, start, prices })
  const books = new Map(market.inspect().markets.map(({ instrument, book }) => [instrument.id, book]))
  return {
    book: id => books.get(id)!,
    advance: to => void market.advance(to),
    snapshot: () => ({ kind: 'living', market: market.snapshot() }),
  }
}

function still({ instruments, prices = {}, state }: SimulatedMarketOptions): Source {
  const kept = new Map(state?.source.kind === 'still' ? state.source.books : [])
  const books = new Map<Instrument['id'], OrderBook<number>>()
  for (const { instrument } of instruments) {
    const before = kept.get(instrument.id)
    if (before !== undefined) {
      books.set(instrument.id, restoreBook(before))
      continue
    }
    const book = createBook<number>()
    const tick = instrument.tickSize / 10 ** instrument.priceScale
    const lot = instrument.lotSize / 10 ** instrument.quantityScale
    const price = prices[instrument.pair] ?? 1
    const middle = Math.round(price / tick)
    const step = Math.max(1, Math.round(middle / 5_000))
    assert(middle > step * STILL_LEVELS, `${instrument.pair} is too cheap for its ticks`)
    for (let level = 1; level <= STILL_LEVELS; level++)
      for (const side of ['buy', 'sell'] as const)
        book.submit({
          id: STILL_ID + book.size,
          owner: 'ladder',
          side,
          type: 'limit',
          timeInForce: 'gtc',
          price: middle + (side === 'buy' ? -1 : 1) * step * level,
          quantity: Math.max(instrument.quantityMin, Math.round(STILL_NOTIONAL / (price * lot))),
        })
    books.set(instrument.id, book)
  }
  return {
    book: id => books.get(id)!,
    advance() {},
    snapshot: () => ({ kind: 'still', books: [...books].map(([id, book]) => [id, book.snapshot()]) }),
  }
}
