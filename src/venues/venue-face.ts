import {
  type Clock,
  type Instrument,
  type InstrumentId,
  type Level,
  type MarketInput,
  type Micros,
  priceText,
  type Timer,
  type Timers,
} from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'
import { type BreakerChange, type Health, VenueMonitor, type VenueMonitorOptions } from './health/index.ts'
import type { Balance, FeeSchedule, Venue } from './port/index.ts'
import type { RequestKind } from './rates/index.ts'
import type { VenueBookView, VenueChangeView, VenueView } from './views.ts'

const FEES_EVERY_MS = 3_600_000
const BALANCES_EVERY_MS = 30_000
const FIRST_LOOK_MS = 500
const HISTORY_KEPT = 50
const KINDS = ['order', 'cancel', 'query'] as const

export interface VenueFaceOptions {
  readonly name: string
  readonly title: string
  readonly mode: VenueView['mode']
  readonly instruments: readonly InstrumentId[]
  /** A book that has not changed for longer than this counts against the venue's health. */
  readonly heartbeat: Micros
  readonly clock: Clock
  readonly timers: Timers
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

/** What is shown of a venue at work, whatever is behind it: its books, calls and health, and what the account has and pays. */
export class VenueFace {
  readonly monitor: VenueMonitor
  readonly #options: VenueFaceOptions
  readonly #books = new Map<InstrumentId, Shown>()
  readonly #breakers = new Map<RequestKind, Micros>()
  readonly #history: VenueChangeView[] = []
  readonly #timers: Timer[] = []
  #balances: readonly Balance[] = []
  #fees: FeeSchedule | null = null

  constructor(options: VenueFaceOptions) {
    this.#options = options
    this.monitor = new VenueMonitor({
      venue: options.name,
      clock: options.clock,
      onCall: options.onCall,
      onBreaker: (kind, change) => {
        this.#breakers.set(kind, change.at)
        this.note('breaker', `${kind}: ${change.type.slice('venue.breaker_'.length).replace('_', ' ')}`)
        options.onBreaker?.(kind, change)
      },
    })
  }

  /** Null while the account's schedule has not been read. */
  get fees(): FeeSchedule | null {
    return this.#fees
  }

  /** The books that are shown; nothing is known of them yet. */
  show(instruments: readonly Instrument[]): void {
    for (const instrument of instruments)
      if (this.#options.instruments.includes(instrument.id))
        this.#books.set(instrument.id, { instrument, bid: undefined, ask: undefined, staleness: 'unwatched', at: 0 })
  }

  /** Begins to read what the account has and pays. */
  readAccount(venue: Pick<Venue, 'fees' | 'balances'>): void {
    this.often(FEES_EVERY_MS, async () => {
      const before = this.#fees
      this.#fees = await venue.fees(this.#options.instruments)
      if (before !== null && JSON.stringify(before.fees) !== JSON.stringify(this.#fees.fees))
        this.note('fees', 'the account pays other fees than before')
    })
    this.often(BALANCES_EVERY_MS, async () => {
      this.#balances = await venue.balances()
    })
  }

  /** Looks soon, and then again and again until it is closed; a look that fails is left out. */
  often(everyMs: number, look: () => Promise<void>): void {
    const { timers } = this.#options
    this.#timers.push(timers.after(FIRST_LOOK_MS, () => void this.#try(look)))
    this.#timers.push(timers.every(everyMs, () => this.#try(look)))
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
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
      this.note('book', `${shown.instrument.pair}: ${reason ?? 'good again'}`)
    shown.staleness = reason
  }

  note(what: VenueChangeView['what'], detail: string): void {
    this.#history.unshift({ at: this.#options.clock.now(), what, detail })
    if (this.#history.length > HISTORY_KEPT) this.#history.pop()
  }

  /** `held` is why nothing trades there as a whole; `way` is what lies between us and the venue. */
  view(held: string | null, way: Pick<VenueView, 'streams' | 'rates' | 'waiting'>): VenueView {
    const { clock, name, title, mode, heartbeat } = this.#options
    const { monitor } = this
    const now = clock.now()
    const health = monitor.health({
      books: [...this.#books.values()].map(({ staleness, at }) => ({ staleness, goodAt: at })),
      heartbeat,
    })
    return {
      name,
      title,
      mode,
      health: { score: Math.round(health.score), parts: health.parts.map(toPart) },
      held,
      calls: KINDS.map(kind => ({
        kind,
        ...callsOf(monitor, kind),
        breaker: monitor.breaker(kind),
        breakerSince: this.#breakers.get(kind) ?? 0,
      })),
      skewMs: monitor.skew.read(now) === null ? null : monitor.skew.readMs(now),
      ...way,
      books: [...this.#books.values()].map(toBookView),
      balances: [...this.#balances],
      fees: (this.#fees?.fees ?? []).flatMap(fee => {
        const shown = this.#books.get(fee.instrument)
        return shown === undefined ? [] : [{ ...fee, pair: shown.instrument.pair, at: this.#fees!.at }]
      }),
      history: this.#history,
    }
  }

  async #try(look: () => Promise<void>): Promise<void> {
    const { log, name } = this.#options
    try {
      await look()
    } catch (error) {
      log.debug({ error, venue: name }, 'a venue did not answer; its health says so')
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
