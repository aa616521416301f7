import type { Instrument, InstrumentId, MarketInput } from '../../kernel/index.ts'
import type { Log } from '../../platform/index.ts'
import { type VenueAtWork, VenueFace } from '../../venues/index.ts'
import { HOUSE } from '../listing.ts'
import { HouseVenue, type HouseVenueOptions } from './house-venue.ts'
import { monitored } from './monitored.ts'

const CLOCK_EVERY_MS = 60_000

type View = ReturnType<VenueAtWork['view']>

export interface HouseAtWorkOptions extends HouseVenueOptions {
  readonly mode: View['mode']
  readonly instruments: readonly InstrumentId[]
  readonly log: Log
  readonly onBreaker?: ConstructorParameters<typeof VenueFace>[0]['onBreaker']
  readonly onCall?: ConstructorParameters<typeof VenueFace>[0]['onCall']
}

/** The house exchange at work for one participant, beside the outside venues of a desk. */
export class HouseAtWork implements VenueAtWork {
  readonly name = HOUSE
  readonly venue: HouseVenue
  /** No socket lies between. */
  readonly streamCounts = null
  readonly #face: VenueFace
  readonly #options: HouseAtWorkOptions

  constructor(options: HouseAtWorkOptions) {
    this.#options = options
    // A book of the house that does not change is as good as before: between it and us nothing is lost unseen.
    const heartbeat = Number.POSITIVE_INFINITY
    this.#face = new VenueFace({ ...options, name: HOUSE, title: 'House', heartbeat })
    this.venue = new HouseVenue({ ...options, exchange: monitored(options.exchange, this.#face.monitor) })
  }

  start(instruments: readonly Instrument[]): void {
    const { clock } = this.#options
    this.#face.show(instruments)
    // The exchange goes by our own clock.
    const time = () => ({ sentAt: clock.now(), server: clock.now(), receivedAt: clock.now() })
    this.#face.often(CLOCK_EVERY_MS, () => this.#face.monitor.measureClock(async () => time()))
    this.#face.readAccount(this.venue)
  }

  onMarket(input: MarketInput): void {
    this.#face.onMarket(input)
  }

  onStale(id: InstrumentId, reason: string | null): void {
    this.#face.onStale(id, reason)
  }

  /** No socket and no limit lies between. */
  view(held: string | null): View {
    return this.#face.view(held, { streams: [], rates: [], waiting: 0 })
  }

  async close(): Promise<void> {
    this.#face.close()
    await this.venue.close()
  }
}
