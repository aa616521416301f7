import type { Exchange } from 'ccxt'
import {
  AppError,
  assert,
  type BookSnapshot,
  type Candle,
  type Clock,
  type Instrument,
  type InstrumentId,
  MICROS_PER_HOUR,
  type Micros,
  type OrderId,
  type OrderRequest,
  type Random,
  type Timers,
  type Trade,
} from '../../kernel/index.ts'
import type { ClockReading } from '../health/index.ts'
import type {
  Balance,
  Capabilities,
  FeeSchedule,
  KeyPermissions,
  OrderRef,
  Outcome,
  Ticker,
  Transport,
  Venue,
  VenueExecution,
  VenueListener,
  VenueOrder,
} from '../port/index.ts'
import { noCounts, type StreamCounts } from '../streams/index.ts'
import { AccountFeed } from './account-feed.ts'
import type { VenueDefinition } from './definition.ts'
import { type Endpoint, redirect } from './endpoint.ts'
import { type ApiCredentials, createExchange, type ExchangeOptions, type RequestGate } from './exchange.ts'
import { MarketFeed } from './market-feed.ts'
import { OrdersKnown } from './orders-known.ts'
import { RestClient } from './rest-client.ts'
import type { StreamStatus } from './stream-connection.ts'

/** A request that is answered later than this is as good as unanswered. */
const TIMEOUT_MS = 10_000
/** How far back a venue is asked for an order of which only our own id is known. */
const CLIENT_ID_LOOKBACK: Micros = 24 * MICROS_PER_HOUR

export interface ConnectorOptions {
  readonly definition: VenueDefinition
  readonly endpoint?: Endpoint | null
  readonly isTestnet?: boolean
  /** Null for market data alone. */
  readonly credentials: ApiCredentials | null
  readonly transport: Transport
  readonly gate: RequestGate
  /** Goes around each request that leaves; see {@link ExchangeOptions}. */
  readonly watchCall?: ExchangeOptions['watchCall']
  /** False refuses orders and amends before anything is sent; cancels always go. */
  readonly mayTrade?: boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly skewMs?: () => number
  readonly timeoutMs?: number
  readonly onStream?: (stream: 'market' | 'account', status: StreamStatus) => void
}

/** A venue behind the port: REST through ccxt, streams through our own sessions, one registry of our orders. */
export class Connector implements Venue {
  readonly name: string
  readonly capabilities: Capabilities
  readonly #options: ConnectorOptions
  readonly #rest: RestClient
  readonly #orders = new OrdersKnown()
  #exchange: Promise<Exchange> | null = null
  #market: MarketFeed | null = null
  #account: AccountFeed | null = null
  #watched: readonly Instrument[] = []
  #isClosed = false

  constructor(options: ConnectorOptions) {
    const { definition, clock } = options
    if (options.isTestnet === true && definition.testnetStreams === undefined)
      throw new AppError('venue.unsupported', { field: 'isTestnet', rule: `${definition.name} has no testnet` })
    this.#options = options
    this.name = definition.name
    this.capabilities = definition.capabilities
    this.#rest = new RestClient({
      venue: definition.name,
      dialect: definition.rest,
      exchange: () => this.#open(),
      clock,
      requestValidForMs: definition.capabilities.requestValidForMs,
      touch: (id, side) => this.#touch(id, side),
    })
  }

  async instruments(refresh = false): Promise<readonly Instrument[]> {
    return (await this.#rest.instruments(refresh)).all
  }

  fees(instruments: readonly InstrumentId[]): Promise<FeeSchedule> {
    return this.#rest.fees(instruments)
  }

  book(instrument: InstrumentId, depth: number): Promise<BookSnapshot> {
    return this.#rest.book(instrument, depth)
  }

  trades(instrument: InstrumentId, limit: number): Promise<readonly Trade[]> {
    return this.#rest.trades(instrument, limit)
  }

  ticker(instrument: InstrumentId): Promise<Ticker> {
    return this.#rest.ticker(instrument)
  }

  candles(instrument: InstrumentId, interval: Micros, from: Micros, limit: number): Promise<readonly Candle[]> {
    return this.#rest.candles(instrument, interval, from, limit)
  }

  balances(): Promise<readonly Balance[]> {
    return this.#rest.balances()
  }

  permissions(): Promise<KeyPermissions> {
    return this.#rest.permissions()
  }

  async place(request: OrderRequest): Promise<Outcome> {
    if (this.#options.mayTrade === false) return this.#refused()
    const known = this.#know(request)
    const outcome = await this.#rest.place(request)
    if (outcome.type === 'accepted' && outcome.venueOrderId !== null) this.#learn(known, outcome.venueOrderId)
    return outcome
  }

  async amend(ref: OrderRef, change: { readonly quantity: number; readonly price?: number }): Promise<Outcome> {
    if (this.#options.mayTrade === false) return this.#refused()
    const known = this.#orders.byOrder(ref.order)
    assert(this.capabilities.amend === 'native', `${this.name} amends no order`)
    assert(known !== undefined, `an order that was neither placed nor adopted is amended: ${ref.order}`)
    return this.#rest.amend(this.#ref(ref), known.request, change)
  }

  cancel(ref: OrderRef): Promise<Outcome> {
    return this.#rest.cancel(this.#ref(ref), this.#orders.byOrder(ref.order)?.request)
  }

  async cancelAll(instrument?: InstrumentId): Promise<Outcome> {
    const pairs = this.#watched.map(({ pair }) => pair)
    return this.#rest.cancelAll(pairs, instrument ?? null)
  }

  async order(ref: OrderRef): Promise<VenueOrder | null> {
    const found = await this.#rest.order(this.#ref(ref), this.#options.clock.now() - CLIENT_ID_LOOKBACK)
    const known = this.#orders.byOrder(ref.order)
    if (found !== null && known !== undefined) this.#learn(known, found.venueOrderId)
    return found
  }

  openOrders(instrument?: InstrumentId): Promise<readonly VenueOrder[]> {
    return this.#rest.openOrders(instrument)
  }

  fills(instrument: InstrumentId, since: Micros): Promise<readonly VenueExecution[]> {
    return this.#rest.fills(instrument, since)
  }

  whose({
    instrument,
    venueOrderId,
    clientId,
  }: {
    instrument: InstrumentId
    venueOrderId: string
    clientId: string | null
  }): OrderId | null {
    const known = this.#orders.byClient(clientId) ?? this.#orders.byVenue(instrument, venueOrderId)
    return known?.request.id ?? null
  }

  adopt(orders: readonly OrderRequest[]): void {
    for (const request of orders) this.#know(request)
  }

  watch(ids: readonly InstrumentId[], listener: VenueListener): void {
    assert(this.#market === null, `${this.name} is watched already`)
    void this.#watch(ids, listener)
  }

  /** What went by on its public streams, since the start. */
  get streamCounts(): StreamCounts {
    return this.#market?.counts ?? noCounts()
  }

  /** The venue's own clock beside ours. */
  async serverTime(): Promise<ClockReading> {
    return this.#rest.serverTime()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#market?.close()
    this.#account?.close()
  }

  /** Instruments first: without their ticks and lots nothing that a stream says can be read. */
  async #watch(ids: readonly InstrumentId[], listener: VenueListener): Promise<void> {
    const { definition, clock, timers, transport, random, credentials } = this.#options
    const book = await this.#instrumentsEventually()
    if (book === null) return
    this.#watched = ids.map(id => {
      const instrument = book.get(id)
      if (instrument === undefined)
        throw new AppError('instrument.unknown', { field: 'instrument', rule: `trades at ${this.name}`, value: id })
      return instrument
    })
    const shared = {
      definition,
      listener,
      exchange: () => this.#open(),
      address: (url: string) => this.#address(url),
      transport,
      clock,
      timers,
      random,
    }
    this.#market = new MarketFeed({
      ...shared,
      instruments: this.#watched,
      poll: (id, depth) => this.#rest.book(id, depth),
      onState: status => this.#options.onStream?.('market', status),
    })
    this.#market.start()
    if (credentials === null) return
    this.#account = new AccountFeed({
      ...shared,
      orders: this.#orders,
      instruments: book,
      fills: (id, since) => this.#rest.fills(id, since),
      onState: status => this.#options.onStream?.('account', status),
    })
    this.#account.start()
  }

  async #instrumentsEventually() {
    const retryMs = 2_000
    while (!this.#isClosed)
      try {
        const book = await this.#rest.instruments()
        return this.#isClosed ? null : book
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith('venue.')) throw error
        await new Promise<void>(resolve => this.#options.timers.after(retryMs, resolve))
      }
    return null
  }

  #know(request: OrderRequest) {
    return this.#orders.add(request, this.#options.definition.rest.clientId(request.id))
  }

  #learn(known: ReturnType<OrdersKnown['add']>, venueOrderId: string): void {
    if (this.#account === null) this.#orders.learn(known, known.request.instrument, venueOrderId)
    else this.#account.learn(known, venueOrderId)
  }

  /** Where a stream of the venue is found: a testnet's are never those of real money. */
  #address(url: string): string {
    const { definition, endpoint = null, isTestnet = false } = this.#options
    const address = isTestnet ? definition.testnetStreams?.[url] : url
    assert(address !== undefined, `${definition.name} has a testnet stream in the place of ${url}`)
    return redirect(address, endpoint)
  }

  /** The best price of a side, where the book may be trusted. */
  #touch(id: InstrumentId, side: 'buy' | 'sell'): number | null {
    if (this.#market?.stalenessOf(id) !== null) return null
    const price = this.#market.book(id)?.best(side) ?? Number.NaN
    return Number.isNaN(price) ? null : price
  }

  #refused(): Outcome {
    const reason = 'not sent: orders to real venues are refused here'
    return { type: 'rejected', reason, at: this.#options.clock.now() }
  }

  /** With the venue's id, where a report has told it since. */
  #ref(ref: OrderRef): OrderRef {
    return { ...ref, venueOrderId: ref.venueOrderId ?? this.#orders.byOrder(ref.order)?.venueOrderId ?? null }
  }

  #open(): Promise<Exchange> {
    const { definition, credentials, transport, gate, clock } = this.#options
    this.#exchange ??= createExchange({
      dialect: definition.rest,
      endpoint: this.#options.endpoint ?? null,
      isTestnet: this.#options.isTestnet ?? false,
      credentials,
      transport,
      gate,
      watchCall: this.#options.watchCall,
      clock,
      skewMs: this.#options.skewMs ?? (() => 0),
      timeoutMs: this.#options.timeoutMs ?? TIMEOUT_MS,
    })
    return this.#exchange
  }
}
