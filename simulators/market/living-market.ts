import {
  assert,
  type Instrument,
  type MarketInput,
  MICROS_PER_HOUR,
  MICROS_PER_MS,
  type Micros,
  type Random,
  type RandomState,
  restoreRandom,
  seededRandom,
} from '../../src/kernel/index.ts'
import { DEMO_INSTRUMENTS } from '../../src/market/index.ts'
import { type CommonState, newCommon, stepCommon } from './factors.ts'
import { InstrumentMarket, type InstrumentState, NEVER, type OutcomesListener } from './instrument-market.ts'
import { FACTOR_STEP } from './profile.ts'

export interface LivingMarketOptions {
  readonly seed: string | number
  readonly start: Micros
  /** The demo's four, unless told otherwise. */
  readonly instruments?: readonly Instrument[]
  /** Starting prices by pair, in the quote asset. */
  readonly prices?: Readonly<Record<string, number>>
  /** Shortest simulated time between two books of an instrument, 100 ms unless told otherwise; `Infinity` for none. */
  readonly bookEvery?: Micros
  /** Told of all that the market's own people do to its books. */
  readonly onOutcomes?: OutcomesListener
}

/** Everything a restart needs; JSON. */
export interface LivingMarketState {
  readonly kind: 'living-market'
  readonly version: 1
  readonly at: Micros
  readonly nextFactorsAt: Micros
  readonly random: RandomState
  readonly common: CommonState
  readonly instruments: readonly InstrumentState[]
}

/** A market that lives by itself: seeded, deterministic, and moved only by `advance`. */
export interface LivingMarket {
  readonly instruments: readonly Instrument[]
  readonly now: Micros
  /**
   * What happened in (now, to], in order of time: every trade, and books of the best 20 levels when they changed. The same
   * seed and start give the same inputs, however the time is cut into calls. At most `ADVANCE_MAX` a call.
   */
  advance(to: Micros): MarketInput[]
  snapshot(): LivingMarketState
  /** Present state for tests and pages; never what a strategy may see. */
  inspect(): { readonly regime: string; readonly markets: readonly InstrumentMarket[] }
}

/** One call moves at most an hour: about 40,000 inputs in calm times. After a longer pause, call again. */
export const ADVANCE_MAX: Micros = MICROS_PER_HOUR
/** Moments at which anything happens, in a simulated second; about 15 are usual, and more than this is a bug. */
const EVENTS_PER_SECOND_MAX = 20_000
export const BOOK_EVERY: Micros = 100 * MICROS_PER_MS

export function createLivingMarket(options: LivingMarketOptions): LivingMarket {
  const random = seededRandom(`living-market/${options.seed}`)
  const { start, prices = {}, bookEvery = BOOK_EVERY, onOutcomes } = options
  const markets = (options.instruments ?? DEMO_INSTRUMENTS).map(
    instrument =>
      new InstrumentMarket(instrument, { at: start, price: prices[instrument.pair], bookEvery, random, onOutcomes }),
  )
  return run(markets, random, newCommon(start), start, start)
}

/**
 * Goes on where `snapshot()` was taken, with the same inputs to come.
 * @throws InvariantError when the state is of another version or of an instrument that is not given
 */
export function restoreLivingMarket(
  state: LivingMarketState,
  options: Pick<LivingMarketOptions, 'instruments' | 'bookEvery' | 'onOutcomes'> = {},
): LivingMarket {
  assert(state.kind === 'living-market' && state.version === 1, 'not the state of a living market of version 1')
  const random = restoreRandom(state.random)
  const known = options.instruments ?? DEMO_INSTRUMENTS
  const copy = structuredClone(state)
  const markets = copy.instruments.map(own => {
    const instrument = known.find(one => one.id === own.instrument)
    assert(instrument !== undefined, `the state holds ${own.instrument}, which is not given`)
    const { bookEvery = BOOK_EVERY, onOutcomes } = options
    return new InstrumentMarket(instrument, { at: state.at, bookEvery, random, state: own, onOutcomes })
  })
  return run(markets, random, copy.common, state.at, state.nextFactorsAt)
}

function run(
  markets: readonly InstrumentMarket[],
  random: Random,
  common: CommonState,
  start: Micros,
  factorsAt: Micros,
): LivingMarket {
  let now = start
  let nextFactorsAt = factorsAt

  function stepFactors(at: Micros): void {
    const step = stepCommon(common, at, random)
    for (const market of markets) market.stepFactors(at, step, common.regime === 'trending')
    nextFactorsAt = at + FACTOR_STEP
  }

  /** Lets everything of one instrument happen that is due at `at`; makers, then arrivals, then the book. */
  function happen(market: InstrumentMarket, at: Micros, emit: (input: MarketInput) => void): void {
    for (let i = 0; i < market.makers.length; i++) if (market.makers[i]!.nextAt <= at) market.refresh(i, at)
    if (market.crowd.nextAt <= at) market.arrive(at, emit)
    if (market.nextBookAt <= at) emit({ kind: 'book', instrument: market.instrument.id, at, data: market.tellBook(at) })
  }

  return {
    instruments: markets.map(market => market.instrument),
    get now() {
      return now
    },
    advance(to) {
      assert(to >= now, `the market is at ${now} and does not go back to ${to}`)
      assert(to - now <= ADVANCE_MAX, `a call advances at most ${ADVANCE_MAX} microseconds`)
      const inputs: MarketInput[] = []
      const emit = (input: MarketInput) => inputs.push(input)
      const eventsMax = EVENTS_PER_SECOND_MAX * (1 + (to - now) / 1_000_000)
      let events = 0
      for (;;) {
        let at = nextFactorsAt
        for (const market of markets) at = Math.min(at, dueAt(market))
        at = Math.max(at, now)
        if (at > to) break
        events += 1
        assert(events <= eventsMax, 'the living market runs away')
        now = at
        if (nextFactorsAt <= at) stepFactors(at)
        for (const market of markets) if (dueAt(market) <= at) happen(market, at, emit)
      }
      now = to
      return inputs
    },
    snapshot: () => ({
      kind: 'living-market',
      version: 1,
      at: now,
      nextFactorsAt,
      random: random.state(),
      common: structuredClone(common),
      instruments: markets.map(market => market.snapshot()),
    }),
    inspect: () => ({ regime: common.regime, markets }),
  }
}

function dueAt(market: InstrumentMarket): Micros {
  let at = Math.min(market.crowd.nextAt, market.nextBookAt)
  for (const maker of market.makers) if (maker.nextAt < at) at = maker.nextAt
  return Number.isNaN(at) ? NEVER : at
}
