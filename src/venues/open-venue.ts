import { AppError, type Clock, type Random, type Timers } from '../kernel/index.ts'
import { Connector } from './connector/connector.ts'
import { signingKey, type VenueKey } from './credentials/key.ts'
import type { KeyPlace } from './credentials/service.ts'
import type { VenueMonitor } from './health/index.ts'
import type { Transport } from './port/index.ts'
import { RateBudget, RateQueue, type SharedMeters } from './rates/index.ts'
import { VENUE_RATES } from './venue-rates.ts'
import { VENUES } from './venues.ts'

export interface OpenVenueOptions extends KeyPlace {
  /** Null for market data alone. */
  readonly key: VenueKey | null
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** Where several keys of this process go to the same venue: what it counts by address. */
  readonly shared?: SharedMeters
  /** Watches the calls and keeps those back that would fail; its measure of the venue's clock corrects signed calls. */
  readonly monitor?: VenueMonitor
}

/**
 * A venue behind the port, with a queue of its own that keeps the venue's limits.
 * @throws AppError `venue.unsupported` naming what there is
 */
export function openVenue(options: OpenVenueOptions): Connector {
  const { venue, isTestnet, endpoint, key, transport, clock, timers, random, shared, monitor } = options
  const definition = VENUES[venue]
  if (definition === undefined)
    throw new AppError('venue.unsupported', { field: venue, rule: `is one of ${Object.keys(VENUES).join(', ')}` })
  const budget = new RateBudget(VENUE_RATES[venue], shared === undefined ? {} : { shared })
  const queue = new RateQueue({ budget, clock, timers })
  return new Connector({
    definition,
    endpoint,
    isTestnet,
    credentials: key === null ? null : signingKey(key),
    transport,
    gate: queue,
    clock,
    timers,
    random,
    ...(monitor === undefined
      ? {}
      : { watchCall: (kind, send) => monitor.call(kind, send), skewMs: () => monitor.skew.readMs(clock.now()) }),
  })
}
