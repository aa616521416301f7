import { SIMULATED_VENUES, serve, VenueSimulator } from '../../simulators/venues/index.ts'
import { assert, type Clock, MICROS_PER_HOUR, MICROS_PER_MINUTE, type Timers } from '../kernel/index.ts'
import type { Log, Supervisor } from '../platform/index.ts'
import type { Endpoint, VenueName } from '../venues/index.ts'

const PAST = 3 * MICROS_PER_HOUR
const SLICE = MICROS_PER_MINUTE

export interface StartedVenue {
  readonly name: VenueName
  readonly endpoint: Endpoint
  readonly credentials: { readonly apiKey: string; readonly secret: string; readonly passphrase?: string }
}

/** Simulated venues in this process, each on a free port of this machine, with a past of some hours. */
export async function startSimulatedVenues(options: {
  readonly names: readonly VenueName[]
  readonly dataDir: string
  readonly seed: string
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly supervisor: Supervisor
}): Promise<StartedVenue[]> {
  const { names, seed, clock, timers, supervisor } = options
  const started: StartedVenue[] = []
  for (const name of names) {
    const definition = SIMULATED_VENUES.find(one => one.name === name)
    assert(definition !== undefined, `${name} is no simulated venue`)
    const simulator = new VenueSimulator({ definition, seed, start: clock.now() - PAST, past: 0 })
    while (clock.now() - simulator.exchange.market.now > SLICE) {
      simulator.advance(simulator.exchange.market.now + SLICE)
      await new Promise<void>(resolve => timers.after(0, resolve))
    }
    const served = await serve(simulator, { port: 0, clock, timers })
    supervisor.onStop(`simulated ${name}`, () => served.close())
    const { rest, ws } = served
    started.push({ name, endpoint: { rest, ws }, credentials: definition.credentials })
  }
  return started
}
