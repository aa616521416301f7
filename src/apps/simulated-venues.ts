import { join } from 'node:path'
import { fileStore, resumeSimulator, SIMULATED_VENUES, serve } from '../../simulators/venues/index.ts'
import { assert, type Clock, type Timers } from '../kernel/index.ts'
import type { Log, Supervisor } from '../platform/index.ts'
import type { Endpoint, VenueName } from '../venues/index.ts'

export interface StartedVenue {
  readonly name: VenueName
  readonly endpoint: Endpoint
  readonly credentials: { readonly apiKey: string; readonly secret: string; readonly passphrase?: string }
}

/**
 * Simulated venues in this process, each on a free port of this machine, with a past of some hours. Each has a crowd of its
 * own, which begins at the same prices as the others', and forgets nothing when the process ends.
 */
export async function startSimulatedVenues(options: {
  readonly names: readonly VenueName[]
  readonly dataDir: string
  readonly seed: string
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly supervisor: Supervisor
}): Promise<StartedVenue[]> {
  const { names, dataDir, seed, clock, timers, log, supervisor } = options
  const started: StartedVenue[] = []
  for (const name of names) {
    const definition = SIMULATED_VENUES.find(one => one.name === name)
    assert(definition !== undefined, `${name} is no simulated venue`)
    const store = fileStore(join(dataDir, 'simulators', `${name}.json`))
    const simulator = await resumeSimulator({
      definition,
      seed,
      store,
      clock,
      timers,
      onUnreadable: error =>
        log.warn({ error, venue: name }, 'what a simulated venue knew cannot be read; a new one opens'),
    })
    const served = await serve(simulator, {
      port: 0,
      clock,
      timers,
      store,
      onError: error => log.error({ error, venue: name }, 'a simulated venue failed'),
    })
    supervisor.onStop(`simulated ${name}`, () => served.close())
    const { rest, ws } = served
    started.push({ name, endpoint: { rest, ws }, credentials: definition.credentials })
  }
  return started
}
