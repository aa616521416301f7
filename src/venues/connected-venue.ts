import {
  type Clock,
  type Instrument,
  type InstrumentId,
  type MarketInput,
  MICROS_PER_MS,
  type Micros,
  type Random,
  type Timers,
} from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'
import { Connector } from './connector/connector.ts'
import type { StreamStatus } from './connector/stream-connection.ts'
import { signingKey, type VenueKey } from './credentials/key.ts'
import type { KeyPlace } from './credentials/service.ts'
import type { BreakerChange, VenueMonitorOptions } from './health/index.ts'
import type { FeeSchedule, Transport, Venue } from './port/index.ts'
import { RateBudget, RateQueue, type RequestKind } from './rates/index.ts'
import type { StreamCounts } from './streams/index.ts'
import { VenueFace } from './venue-face.ts'
import { VENUE_RATES } from './venue-rates.ts'
import { VENUES } from './venues.ts'
import type { VenueView } from './views.ts'

const CLOCK_EVERY_MS = 60_000
/** A book that has not changed for longer than this counts against the venue's health. */
const BOOK_HEARTBEAT: Micros = 10_000 * MICROS_PER_MS

export interface ConnectedVenueOptions extends KeyPlace {
  readonly mode: VenueView['mode']
  readonly key: VenueKey | null
  /** Whether orders may be sent there at all. */
  readonly mayTrade: boolean
  readonly instruments: readonly InstrumentId[]
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: Log
  readonly onBreaker?: (kind: RequestKind, change: BreakerChange) => void
  readonly onCall?: VenueMonitorOptions['onCall']
}

/** A venue at work: what is behind the port, and what is shown of it. An outside venue is one, and the house exchange is. */
export interface VenueAtWork {
  readonly name: string
  readonly venue: Venue
  /** What went by on its public streams, since the start; null where there are none. */
  readonly streamCounts: StreamCounts | null
  /** Begins to look after it; what is watched is these instruments as far as they trade there. */
  start(instruments: readonly Instrument[]): void
  onMarket(input: MarketInput): void
  onStale(instrument: InstrumentId, reason: string | null): void
  /** `held` is why nothing trades there as a whole. */
  view(held: string | null): VenueView
  close(): Promise<void>
}

/** One venue as a process is connected to it with one key: its connector, its way out, its health, and what is shown of it. */
export class ConnectedVenue implements VenueAtWork {
  readonly name: string
  readonly venue: Connector
  readonly #options: ConnectedVenueOptions
  readonly #budget: RateBudget
  readonly #queue: RateQueue
  readonly #face: VenueFace
  readonly #streams = new Map<'market' | 'account', StreamStatus>()

  constructor(options: ConnectedVenueOptions) {
    const { venue: name, clock, timers, key } = options
    this.#options = options
    this.name = name
    this.#budget = new RateBudget(VENUE_RATES[name])
    this.#queue = new RateQueue({ budget: this.#budget, clock, timers })
    const face = new VenueFace({ ...options, name, title: VENUES[name]!.title, heartbeat: BOOK_HEARTBEAT })
    this.#face = face
    this.venue = new Connector({
      definition: VENUES[name]!,
      endpoint: options.endpoint,
      isTestnet: options.isTestnet,
      credentials: key === null ? null : signingKey(key),
      mayTrade: options.mayTrade,
      transport: options.transport,
      gate: this.#queue,
      watchCall: (kind, send) => face.monitor.call(kind, send),
      clock,
      timers,
      random: options.random,
      skewMs: () => face.monitor.skew.readMs(clock.now()),
      onStream: (stream, status) => this.#onStream(stream, status),
    })
  }

  /** Begins to measure the venue's clock and to read what the account has and pays. */
  start(instruments: readonly Instrument[]): void {
    const { monitor } = this.#face
    this.#face.show(instruments)
    this.#face.often(CLOCK_EVERY_MS, () => monitor.measureClock(() => this.venue.serverTime()))
    if (this.#options.key !== null) this.#face.readAccount(this.venue)
  }

  async close(): Promise<void> {
    this.#face.close()
    await this.venue.close()
    this.#queue.close()
  }

  onMarket(input: MarketInput): void {
    this.#face.onMarket(input)
  }

  onStale(id: InstrumentId, reason: string | null): void {
    this.#face.onStale(id, reason)
  }

  view(held: string | null): VenueView {
    const now = this.#options.clock.now()
    return this.#face.view(held, {
      streams: [...this.#streams].map(([name, { state, reason, since, reconnects }]) => ({
        name,
        state,
        reason,
        since,
        reconnects,
      })),
      rates: this.#budget.use(now).map(({ bucket, used, max }) => ({ bucket, used: Math.round(used), max })),
      waiting: this.#queue.waiting,
    })
  }

  get streamCounts(): StreamCounts {
    return this.venue.streamCounts
  }

  /** Null while the account's schedule has not been read. */
  get fees(): FeeSchedule | null {
    return this.#face.fees
  }

  #onStream(stream: 'market' | 'account', status: StreamStatus): void {
    const before = this.#streams.get(stream)
    this.#streams.set(stream, status)
    if (before?.state === status.state || status.state === 'connecting') return
    this.#face.note('stream', `${stream}: ${status.state}${status.state === 'waiting' ? `, ${status.reason}` : ''}`)
  }
}
