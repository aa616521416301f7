import type { Exchange } from 'ccxt'
import {
  type BookSnapshot,
  type Clock,
  type Instrument,
  type InstrumentId,
  MICROS_PER_MS,
  type Micros,
  type Random,
  type Timer,
  type Timers,
} from '../../kernel/index.ts'
import { L2Book } from '../../market/index.ts'
import type { MarketHost, PublicSession, StreamHost, Ticker, Transport, VenueListener } from '../port/index.ts'
import { addCounts, noCounts, type StreamCounts } from '../streams/index.ts'
import type { MarketStream, VenueDefinition } from './definition.ts'
import { StreamConnection, type StreamStatus } from './stream-connection.ts'

/** Levels of a side that are handed on. */
const DEPTH_TOLD = 20
/** A book that changes more often is told this often. */
const TOLD_EVERY: Micros = 50 * MICROS_PER_MS
const FLUSH_MS = 50
/** While a book is stale it is asked for by REST this often: to be seen, not to be traded on. */
const POLL_MS = 2_000
const SNAPSHOT_RETRY_MS = 1_000

export interface MarketFeedOptions {
  readonly definition: VenueDefinition
  readonly instruments: readonly Instrument[]
  readonly listener: VenueListener
  readonly exchange: () => Promise<Exchange>
  /** Where a stream is found, by the venue's own address of it. */
  readonly address: (url: string) => string
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** A book by REST. */
  readonly poll: (instrument: InstrumentId, depth: number) => Promise<BookSnapshot>
  readonly onTicker?: (ticker: Ticker) => void
  readonly onState: (status: StreamStatus) => void
}

const NOT_YET: StreamStatus = { state: 'closed', reason: null, since: 0, reconnects: 0 }

interface Fed {
  readonly instrument: Instrument
  readonly book: L2Book
  /** Undefined until anything was said. */
  said: string | null | undefined
  toldAt: Micros
  isChanged: boolean
  changedAt: Micros
  isPolling: boolean
}

/** A venue's public stream at work: books kept by its session, told on in time, and said to be stale at once. */
export class MarketFeed {
  readonly #options: MarketFeedOptions
  readonly #fed = new Map<InstrumentId, Fed>()
  readonly #connections: readonly StreamConnection[]
  readonly #timers: Timer[] = []
  /** Of connections that have ended. */
  readonly #counted = noCounts()
  readonly #counting: (PublicSession | null)[] = []

  constructor(options: MarketFeedOptions) {
    this.#options = options
    for (const instrument of options.instruments)
      this.#fed.set(instrument.id, {
        instrument,
        book: new L2Book(),
        said: undefined,
        toldAt: 0,
        isChanged: false,
        changedAt: 0,
        isPolling: false,
      })
    this.#connections = options.definition.market.streams.map((stream, i) => this.#connect(stream, i))
  }

  /** The first has the books. */
  #connect({ url, session: create }: MarketStream, index: number): StreamConnection {
    const { transport, clock, timers, random, address, exchange, instruments } = this.#options
    const connection: StreamConnection = new StreamConnection({
      transport,
      clock,
      timers,
      random,
      open: async () => ({
        url: address(await url(await exchange())),
        session: host => {
          const session = create(
            instruments,
            this.#host(host, () => connection.session as PublicSession | null),
          )
          const ended = this.#counting[index]
          if (ended) addCounts(this.#counted, ended.counts)
          this.#counting[index] = session
          return session
        },
      }),
      onState: status => {
        if (index === 0 && status.state !== 'ready') for (const fed of this.#fed.values()) this.#lose(fed)
        this.#options.onState(this.status)
      },
    })
    return connection
  }

  start(): void {
    for (const connection of this.#connections) connection.start()
    const { timers } = this.#options
    this.#timers.push(timers.every(FLUSH_MS, () => this.#flush()))
    this.#timers.push(timers.every(POLL_MS, () => this.#pollStale()))
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel()
    for (const connection of this.#connections) connection.close()
  }

  /** That of the connection which is worst off. */
  get status(): StreamStatus {
    const [first, ...others] = (this.#connections ?? []).map(({ status }) => status)
    return others.reduce((worst, status) => (worst.state === 'ready' ? status : worst), first ?? NOT_YET)
  }

  /** What went by on all connections, since the start. */
  get counts(): StreamCounts {
    const sum = { ...this.#counted }
    for (const session of this.#counting) if (session) addCounts(sum, session.counts)
    return sum
  }

  /** Why an instrument's book may not be traded on; null when it may, `unwatched` for one that is not fed. */
  stalenessOf(id: InstrumentId): string | null {
    const fed = this.#fed.get(id)
    return fed === undefined ? 'unwatched' : fed.book.staleness
  }

  book(id: InstrumentId): L2Book | undefined {
    return this.#fed.get(id)?.book
  }

  #host(host: StreamHost, session: () => PublicSession | null): MarketHost {
    const { listener } = this.#options
    return {
      ...host,
      book: id => this.#fed.get(id)!.book,
      onBook: (id, at) => this.#onBook(this.#fed.get(id)!, at),
      onTrade: (instrument, trade) => listener.onMarket({ kind: 'trade', instrument, at: trade.at, data: trade }),
      onTicker: ticker => this.#options.onTicker?.(ticker),
      requestSnapshot: id => void this.#snapshot(this.#fed.get(id)!, session),
    }
  }

  async #snapshot(fed: Fed, present: () => PublicSession | null): Promise<void> {
    const { definition, clock, timers } = this.#options
    const session = present()
    if (session === null) return
    try {
      const exchange = await this.#options.exchange()
      const { id, symbol, pair } = fed.instrument
      const body = await definition.market.snapshot!(exchange, { id, symbol: symbol ?? pair })
      if (session === present()) session.onSnapshot!(id, body, clock.now())
    } catch {
      // The venue did not answer: the same question again, as long as this connection wants the answer.
      this.#timers.push(
        timers.after(SNAPSHOT_RETRY_MS, () => {
          if (session === present()) void this.#snapshot(fed, present)
        }),
      )
    }
  }

  #onBook(fed: Fed, at: Micros): void {
    this.#say(fed, at)
    if (fed.book.staleness !== null) return
    fed.isChanged = true
    fed.changedAt = at
    if (at - fed.toldAt >= TOLD_EVERY) this.#tell(fed)
  }

  /** The connection is gone: what the book shows is of then. */
  #lose(fed: Fed): void {
    if (fed.book.staleness === null) fed.book.invalidate('disconnected')
    this.#say(fed, this.#options.clock.now())
  }

  #say(fed: Fed, at: Micros): void {
    const { staleness } = fed.book
    if (staleness === fed.said) return
    fed.said = staleness
    this.#options.listener.onStale(fed.instrument.id, staleness, at)
  }

  #tell(fed: Fed): void {
    fed.isChanged = false
    fed.toldAt = fed.changedAt
    const data = fed.book.toSnapshot(DEPTH_TOLD)
    this.#options.listener.onMarket({ kind: 'book', instrument: fed.instrument.id, at: fed.changedAt, data })
  }

  #flush(): void {
    for (const fed of this.#fed.values()) if (fed.isChanged && fed.book.staleness === null) this.#tell(fed)
  }

  async #pollStale(): Promise<void> {
    const { clock, listener, poll } = this.#options
    const ask = async (fed: Fed) => {
      fed.isPolling = true
      try {
        const data = await poll(fed.instrument.id, DEPTH_TOLD)
        if (fed.book.staleness !== null)
          listener.onMarket({ kind: 'book', instrument: fed.instrument.id, at: clock.now(), data })
      } catch {
        // The venue does not answer either way: the staleness says so already.
      } finally {
        fed.isPolling = false
      }
    }
    await Promise.all([...this.#fed.values()].filter(fed => fed.book.staleness !== null && !fed.isPolling).map(ask))
  }
}
