import {
  type Clock,
  type Instrument,
  type InstrumentId,
  type Level,
  type MarketInput,
  MICROS_PER_MS,
  type Micros,
  priceText,
  type Random,
  type Timer,
  type Timers,
} from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'
import { Connector } from './connector/connector.ts'
import type { StreamStatus } from './connector/stream-connection.ts'
import { signingKey, type VenueKey } from './credentials/key.ts'
import type { KeyPlace } from './credentials/service.ts'
import { type BreakerChange, type Health, VenueMonitor, type VenueMonitorOptions } from './health/index.ts'
import type { Balance, FeeSchedule, Transport } from './port/index.ts'
import { RateBudget, RateQueue, type RequestKind } from './rates/index.ts'
import { VENUE_RATES } from './venue-rates.ts'
import { VENUES } from './venues.ts'
import type { VenueBookView, VenueChangeView, VenueView } from './views.ts'

const CLOCK_EVERY_MS = 60_000
const FEES_EVERY_MS = 3_600_000
const BALANCES_EVERY_MS = 30_000
const FIRST_LOOK_MS = 500
const HISTORY_KEPT = 50
/** A book that has not changed for longer than this counts against the venue's health. */
const BOOK_HEARTBEAT: Micros = 10_000 * MICROS_PER_MS
const KINDS = ['order', 'cancel', 'query'] as const

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

interface Shown {
  readonly instrument: Instrument
  bid: Level | undefined
  ask: Level | undefined
  staleness: string | null
  at: Micros
}

/** One venue as a process is connected to it with one key: its connector, its way out, its health, and what is shown of it. */
export class ConnectedVenue {
  readonly name: string
  readonly venue: Connector
  readonly #options: ConnectedVenueOptions
  readonly #budget: RateBudget
  readonly #queue: RateQueue
  readonly #monitor: VenueMonitor
  readonly #streams = new Map<'market' | 'account', StreamStatus>()
  readonly #books = new Map<InstrumentId, Shown>()
  readonly #breakers = new Map<RequestKind, Micros>()
  readonly #history: VenueChangeView[] = []
  readonly #timers: Timer[] = []
  #balances: readonly Balance[] = []
  #fees: FeeSchedule | null = null

  constructor(options: ConnectedVenueOptions) {
    const { venue: name, clock, timers, key } = options
    this.#options = options
    this.name = name
    this.#budget = new RateBudget(VENUE_RATES[name])
    this.#queue = new RateQueue({ budget: this.#budget, clock, timers })
    this.#monitor = new VenueMonitor({
      venue: name,
      clock,
      onCall: options.onCall,
      onBreaker: (kind, change) => {
        this.#breakers.set(kind, change.at)
        this.#note('breaker', `${kind}: ${change.type.slice('venue.breaker_'.length).replace('_', ' ')}`)
        options.onBreaker?.(kind, change)
      },
    })
    this.venue = new Connector({
      definition: VENUES[name]!,
      endpoint: options.endpoint,
      isTestnet: options.isTestnet,
      credentials: key === null ? null : signingKey(key),
      mayTrade: options.mayTrade,
      transport: options.transport,
      gate: this.#queue,
      watchCall: (kind, send) => this.#monitor.call(kind, send),
      clock,
      timers,
      random: options.random,
      skewMs: () => this.#monitor.skew.readMs(clock.now()),
      onStream: (stream, status) => this.#onStream(stream, status),
    })
  }

  /** Begins to measure the venue's clock and to read what the account has and pays. */
  start(instruments: readonly Instrument[]): void {
    const { timers } = this.#options
    for (const instrument of instruments)
      if (this.#options.instruments.includes(instrument.id))
        this.#books.set(instrument.id, { instrument, bid: undefined, ask: undefined, staleness: 'unwatched', at: 0 })
    const often = (everyMs: number, look: () => Promise<void>) => {
      this.#timers.push(timers.after(FIRST_LOOK_MS, () => void this.#try(look)))
      this.#timers.push(timers.every(everyMs, () => this.#try(look)))
    }
    often(CLOCK_EVERY_MS, () => this.#monitor.measureClock(() => this.venue.serverTime()))
    if (this.#options.key === null) return
    often(FEES_EVERY_MS, () => this.#readFees())
    often(BALANCES_EVERY_MS, async () => {
      this.#balances = await this.venue.balances()
    })
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    await this.venue.close()
    this.#queue.close()
  }

  onMarket(input: MarketInput): void {
    if (input.kind !== 'book') return
    const shown = this.#books.get(input.instrument)
    if (shown === undefined) return
    shown.bid = input.data.bids[0]
    shown.ask = input.data.asks[0]
    shown.at = input.at
  }

  onStale(id: InstrumentId, reason: string | null): void {
    const shown = this.#books.get(id)
    if (shown === undefined) return
    if (shown.staleness !== reason && shown.staleness !== 'unwatched')
      this.#note('book', `${shown.instrument.pair}: ${reason ?? 'good again'}`)
    shown.staleness = reason
  }

  /** `held` is why nothing trades there as a whole. */
  view(held: string | null): VenueView {
    const now = this.#options.clock.now()
    const health = this.#monitor.health({
      books: [...this.#books.values()].map(({ staleness, at }) => ({ staleness, goodAt: at })),
      heartbeat: BOOK_HEARTBEAT,
    })
    return {
      name: this.name,
      title: VENUES[this.#options.venue]!.title,
      mode: this.#options.mode,
      health: { score: Math.round(health.score), parts: health.parts.map(toPart) },
      held,
      calls: KINDS.map(kind => ({
        kind,
        ...callsOf(this.#monitor, kind),
        breaker: this.#monitor.breaker(kind),
        breakerSince: this.#breakers.get(kind) ?? 0,
      })),
      skewMs: this.#monitor.skew.read(now) === null ? null : this.#monitor.skew.readMs(now),
      streams: [...this.#streams].map(([name, { state, reason, since, reconnects }]) => ({
        name,
        state,
        reason,
        since,
        reconnects,
      })),
      books: [...this.#books.values()].map(toBookView),
      rates: this.#budget.use(now).map(({ bucket, used, max }) => ({ bucket, used: Math.round(used), max })),
      waiting: this.#queue.waiting,
      balances: [...this.#balances],
      fees: (this.#fees?.fees ?? []).flatMap(fee => {
        const shown = this.#books.get(fee.instrument)
        return shown === undefined ? [] : [{ ...fee, pair: shown.instrument.pair, at: this.#fees!.at }]
      }),
      history: this.#history,
    }
  }

  /** Null while the account's schedule has not been read. */
  get fees(): FeeSchedule | null {
    return this.#fees
  }

  async #readFees(): Promise<void> {
    const before = this.#fees
    this.#fees = await this.venue.fees(this.#options.instruments)
    if (before !== null && JSON.stringify(before.fees) !== JSON.stringify(this.#fees.fees))
      this.#note('fees', 'the account pays other fees than before')
  }

  #onStream(stream: 'market' | 'account', status: StreamStatus): void {
    const before = this.#streams.get(stream)
    this.#streams.set(stream, status)
    if (before?.state === status.state || status.state === 'connecting') return
    this.#note('stream', `${stream}: ${status.state}${status.state === 'waiting' ? `, ${status.reason}` : ''}`)
  }

  #note(what: VenueChangeView['what'], detail: string): void {
    this.#history.unshift({ at: this.#options.clock.now(), what, detail })
    if (this.#history.length > HISTORY_KEPT) this.#history.pop()
  }

  async #try(look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      this.#options.log.debug({ error, venue: this.name }, 'a venue did not answer; its health says so')
    }
  }
}

function toBookView({ instrument, bid, ask, staleness, at }: Shown): VenueBookView {
  const text = (level: Level | undefined) => (level === undefined ? null : priceText(instrument, level[0]))
  return { instrument: instrument.id, pair: instrument.pair, bid: text(bid), ask: text(ask), staleness, at }
}

const NAMES = {
  latency: 'latency',
  errors: 'errors',
  books: 'staleness',
  clock: 'skew',
  breakers: 'breakers',
} as const

const toPart = ({ part, score, reason }: Health['parts'][number]) => ({
  name: NAMES[part],
  score: Math.round(score),
  detail: reason ?? '',
})

function callsOf(monitor: VenueMonitor, kind: RequestKind) {
  const { calls, failures, p50Ms, p99Ms } = monitor.figures(kind)
  return { calls, errors: failures, p50Ms, p99Ms }
}
