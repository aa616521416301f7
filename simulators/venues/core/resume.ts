import {
  type Clock,
  decodeJson,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
  priceFloat,
  type Timers,
} from '../../../src/kernel/index.ts'
import type { SimulatedVenueDefinition } from './protocol.ts'
import { VenueSimulator } from './simulator.ts'
import type { SimulatorState } from './state.ts'
import type { SimulatorStore } from './store.ts'

/** Simulated before a market opens: candles have a shape then. */
const PAST: Micros = 3 * MICROS_PER_HOUR
/** A longer pause is not simulated through: the market opens anew at its last prices. */
const PAUSE_MAX: Micros = 3 * MICROS_PER_HOUR
/** So far a state may lie ahead of the clock: the market waits for it. */
const AHEAD_MAX: Micros = MICROS_PER_MINUTE
/** Simulated between two turns of the event loop: some milliseconds of work. */
const SLICE: Micros = 15 * MICROS_PER_SECOND

export interface ResumeOptions {
  readonly definition: SimulatedVenueDefinition
  readonly seed: string
  readonly store: SimulatorStore
  readonly clock: Clock
  readonly timers: Timers
  /** What was kept cannot be read or is of another make: it has been set aside, and a new venue opens. */
  readonly onUnreadable: (error: unknown) => void
}

/**
 * A simulated venue that goes on where it stood when its process ended, brought to the present in slices that leave room for
 * other work. After a long pause its market opens anew, as after maintenance: accounts and what is over are as they were, and
 * what was open has been canceled.
 */
export async function resumeSimulator(options: ResumeOptions): Promise<VenueSimulator> {
  const { store, clock, timers } = options
  const simulator = kept(options) ?? new VenueSimulator({ ...options, start: clock.now() - PAST, past: 0 })
  while (clock.now() - simulator.exchange.market.now > SLICE) {
    simulator.advance(simulator.exchange.market.now + SLICE)
    await new Promise<void>(resolve => timers.after(0, resolve))
  }
  simulator.advance(clock.now())
  store.save(simulator.text())
  simulator.isUnsaved = false
  return simulator
}

function kept({ definition, seed, store, clock, onUnreadable }: ResumeOptions): VenueSimulator | null {
  const text = store.load()
  if (text === null) return null
  try {
    const state = decodeJson<SimulatorState>(text)
    const now = clock.now()
    const before = new VenueSimulator({ definition, seed, start: now, state })
    const pause = now - state.at
    return pause <= PAUSE_MAX && pause >= -AHEAD_MAX ? before : reopened(before, { definition, seed, now })
  } catch (error) {
    store.setAside()
    onUnreadable(error)
    return null
  }
}

function reopened(
  before: VenueSimulator,
  { definition, seed, now }: { definition: SimulatedVenueDefinition; seed: string; now: Micros },
): VenueSimulator {
  const { exchange, accounts } = before
  const at = exchange.market.now
  const prices = Object.fromEntries(
    exchange.market.instruments.map(one => [
      one.instrument.pair,
      priceFloat(one.instrument, exchange.market.reference(one)),
    ]),
  )
  for (const account of accounts)
    for (const order of exchange.openOrdersOf(account)) exchange.cancel(order, at, 'maintenance')
  const state = decodeJson<SimulatorState>(before.text())
  // What has traded at times that are yet to come was another clock's.
  const tape = at > now ? [] : state.tape
  return new VenueSimulator({
    definition,
    seed: `${seed}/${at}`,
    start: now - PAST,
    past: 0,
    prices,
    state: { ...state, tape, market: null },
  })
}
