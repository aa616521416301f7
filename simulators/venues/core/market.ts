import {
  assert,
  type Instrument,
  type Lots,
  MICROS_PER_HOUR,
  type Micros,
  type Side,
  type Ticks,
} from '../../../src/kernel/index.ts'
import { type BookOutcome, createBook, type NewBookOrder, type OrderBook } from '../../../src/matching/index.ts'
import { createLivingMarket, type LivingMarket } from '../../market/index.ts'

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
  /** Counts the changes of a book, so that whoever shows it knows when to look. */
  version(instrument: SimulatedInstrument): number
  listen(listener: OutcomeListener): void
  /** Runs something once the present outcomes have all been told. */
  later(work: () => void): void
}

export interface SimulatedMarketOptions {
  readonly instruments: readonly SimulatedInstrument[]
  readonly seed: string
  readonly start: Micros
  /** `living`: a crowd trades; `still`: a fixed ladder around each price, which only clients change. */
  readonly kind: 'living' | 'still'
  /** First prices by pair, in the quote asset. */
  readonly prices?: Readonly<Record<string, number>>
}

/** How far the crowd is let live in one call of the living market. */
const SLICE: Micros = MICROS_PER_HOUR
/** The ladder of a still market: levels a side, the first this far from the middle, each as large as this in the quote asset. */
const STILL_LEVELS = 30
const STILL_NOTIONAL = 5_000
/** Ids of the still ladder and of what tests put there; the crowd's count from 1. */
const STILL_ID = 1_000_000_000

export function createSimulatedMarket(options: SimulatedMarketOptions): SimulatedMarket {
  const { instruments } = options
  const listeners: OutcomeListener[] = []
  const waiting: (() => void)[] = []
  const versions = new Map(instruments.map(one => [one.instrument.id, 0]))
  const lastPrices = new Map<string, Ticks>()
  const byId = new Map(instruments.map(one => [one.instrument.id, one]))
  let now = options.start
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
    version: instrument => versions.get(instrument.instrument.id)!,
    listen: listener => void listeners.push(listener),
    later(work) {
      if (depth === 0) work()
      else waiting.push(work)
    },
  }
}

interface Source {
  book(id: Instrument['id']): OrderBook<number>
  advance(to: Micros): void
}

function living(
  { instruments, seed, start, prices }: SimulatedMarketOptions,
  told: (id: Instrument['id'], outcomes: readonly BookOutcome<number>[], at: Micros) => void,
): Source {
  const market: LivingMarket = createLivingMarket({
    seed,
    start,
    instruments: instruments.map(({ instrument }) => instrument),
    prices,
    bookEvery: Number.POSITIVE_INFINITY,
    onOutcomes: (instrument, outcomes, at) => told(instrument.id, outcomes, at),
  })
  const books = new Map(market.inspect().markets.map(({ instrument, book }) => [instrument.id, book]))
  return { book: id => books.get(id)!, advance: to => void market.advance(to) }
}

function still({ instruments, prices = {} }: SimulatedMarketOptions): Source {
  const books = new Map<Instrument['id'], OrderBook<number>>()
  for (const { instrument } of instruments) {
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
  return { book: id => books.get(id)!, advance() {} }
}
