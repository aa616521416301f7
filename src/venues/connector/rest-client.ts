import type { Exchange, Order } from 'ccxt'
import {
  AppError,
  type BookSnapshot,
  type Candle,
  type Clock,
  type ErrorCode,
  type Instrument,
  type InstrumentId,
  type Lots,
  MICROS_PER_DAY,
  MICROS_PER_MS,
  type Micros,
  type OrderRequest,
  priceText,
  quantityText,
  type Trade as TapeTrade,
  type Ticks,
  ticksFromFloat,
  ticksOf,
} from '../../kernel/index.ts'
import { intervalName } from '../../market/index.ts'
import type { ClockReading } from '../health/index.ts'
import {
  type Balance,
  type FeeSchedule,
  type HttpResponse,
  type KeyPermissions,
  type OrderRef,
  type Outcome,
  type Ticker,
  TransportError,
  type VenueExecution,
  type VenueOrder,
} from '../port/index.ts'
import { type Call, inCall } from './call.ts'
import { balancesOf, executionOf, orderOf, ppmOf } from './convert.ts'
import type { CallKind, RestDialect } from './definition.ts'
import { decimalOf, type InstrumentBook, instrumentBook, instrumentsOf } from './instruments.ts'
import { lotsIn, ticksIn } from './order-fields.ts'
import { tradesSince } from './trades-since.ts'

const REASON_LENGTH_MAX = 300
const CANCEL_LOOKBACK: Micros = MICROS_PER_DAY
/** How far through the market a limit goes that stands for a market order. */
const THROUGH = 0.02

export interface RestClientOptions {
  readonly venue: string
  readonly dialect: RestDialect
  readonly exchange: () => Promise<Exchange>
  readonly clock: Clock
  readonly requestValidForMs: number
  /** The best price of a side of the streamed book; null where there is none to be trusted. */
  readonly touch: (instrument: InstrumentId, side: 'buy' | 'sell') => Ticks | null
}

/** A venue over REST: queries throw `venue.*` errors, what changes something gives an {@link Outcome}. */
export class RestClient {
  readonly #options: RestClientOptions
  #book: InstrumentBook | null = null

  constructor(options: RestClientOptions) {
    this.#options = options
  }

  async instruments(refresh = false): Promise<InstrumentBook> {
    if (this.#book !== null && !refresh) return this.#book
    const { venue, dialect } = this.#options
    const book = await this.#ask(async exchange => {
      // ccxt keeps a failed load for good unless it is told to load again.
      const markets = await exchange.loadMarkets(true)
      const tickOf = await dialect.ticks?.(exchange)
      return instrumentBook(instrumentsOf(venue, Object.values(markets), tickOf, dialect.lot))
    })
    this.#book = book
    return book
  }

  async fees(ids: readonly InstrumentId[]): Promise<FeeSchedule> {
    const instruments = await Promise.all(ids.map(id => this.#instrument(id)))
    return this.#query(async exchange => {
      const fees: FeeSchedule['fees'][number][] = []
      const { dialect } = this.#options
      const isAllAtOnce = dialect.fees === undefined && exchange.has.fetchTradingFees === true
      const all = isAllAtOnce ? await exchange.fetchTradingFees() : null
      for (const { pair, id } of instruments) {
        const fee = all?.[pair] ?? (await (dialect.fees?.(exchange, pair) ?? exchange.fetchTradingFee(pair)))
        fees.push({ instrument: id, makerPpm: ppmOf(fee.maker), takerPpm: ppmOf(fee.taker) })
      }
      return { at: this.#options.clock.now(), fees }
    })
  }

  async book(id: InstrumentId, depth: number): Promise<BookSnapshot> {
    const instrument = await this.#instrument(id)
    return this.#query(async exchange => {
      const asked = this.#options.dialect.depths?.find(levels => levels >= depth) ?? depth
      const book = await exchange.fetchOrderBook(instrument.pair, asked)
      const levels = (side: readonly (readonly unknown[])[]) =>
        side
          .slice(0, depth)
          .map(([price, quantity]) => [ticksIn(instrument, price), lotsIn(instrument, quantity)] as const)
      return {
        at: book.timestamp === undefined ? this.#options.clock.now() : book.timestamp * MICROS_PER_MS,
        sequence: Number(book.nonce ?? 0),
        bids: levels(book.bids),
        asks: levels(book.asks),
      }
    })
  }

  async trades(id: InstrumentId, limit: number): Promise<TapeTrade[]> {
    const instrument = await this.#instrument(id)
    const namesMaker = this.#options.dialect.tradesNameMaker === true
    return this.#query(async exchange =>
      (await exchange.fetchTrades(instrument.pair, undefined, limit)).map(trade => ({
        at: Math.round(trade.timestamp! * MICROS_PER_MS),
        price: ticksIn(instrument, trade.price),
        quantity: lotsIn(instrument, trade.amount),
        side: (trade.side === 'sell') === namesMaker ? 'buy' : 'sell',
      })),
    )
  }

  async ticker(id: InstrumentId): Promise<Ticker> {
    const instrument = await this.#instrument(id)
    const ticks = (value: unknown): Ticks | null => {
      const text = decimalOf(value)
      return text === undefined || Number(text) === 0 ? null : ticksOf(instrument, text)
    }
    return this.#query(async exchange => {
      const { bid, ask, last, timestamp } = await exchange.fetchTicker(instrument.pair)
      const at = timestamp === undefined ? this.#options.clock.now() : timestamp * MICROS_PER_MS
      return { instrument: id, bid: ticks(bid), ask: ticks(ask), last: ticks(last), at }
    })
  }

  async candles(id: InstrumentId, interval: Micros, from: Micros, limit: number): Promise<Candle[]> {
    const instrument = await this.#instrument(id)
    const now = this.#options.clock.now()
    return this.#query(async exchange => {
      const rows = await exchange.fetchOHLCV(instrument.pair, intervalName(interval), from / MICROS_PER_MS, limit)
      return rows
        .map(([at, open, high, low, close, volume]) => ({
          openAt: Number(at) * MICROS_PER_MS,
          open: ticksFromFloat(instrument, Number(open)),
          high: ticksFromFloat(instrument, Number(high)),
          low: ticksFromFloat(instrument, Number(low)),
          close: ticksFromFloat(instrument, Number(close)),
          volume: Number(volume),
        }))
        .filter(candle => candle.openAt >= from && candle.openAt + interval <= now)
    })
  }

  serverTime(): Promise<ClockReading> {
    // On the average half a step has passed since the time that is told.
    const half = (this.#options.dialect.clockStepMs ?? 0) / 2
    return this.#ask(async (exchange, call) => {
      const server = (Number(await exchange.fetchTime()) + half) * MICROS_PER_MS
      const { sentAt, receivedAt } = call.sent.at(-1)!
      return { sentAt, server, receivedAt }
    })
  }

  balances(): Promise<Balance[]> {
    return this.#query(async exchange => balancesOf(await exchange.fetchBalance()))
  }

  permissions(): Promise<KeyPermissions> {
    return this.#query(exchange => this.#options.dialect.permissions(exchange))
  }

  /** Null when the venue says that it has no such order. */
  async order(ref: OrderRef, since: Micros): Promise<VenueOrder | null> {
    const instrument = await this.#instrument(ref.instrument)
    const { dialect, clock } = this.#options
    return this.#query(async (exchange, call) => {
      try {
        const found =
          ref.venueOrderId === null
            ? await dialect.orderByClientId(exchange, instrument.pair, dialect.clientId(ref.order), since)
            : await (dialect.orderByVenueId?.(exchange, instrument.pair, ref.venueOrderId) ??
                exchange.fetchOrder(ref.venueOrderId, instrument.pair))
        return found === null ? null : orderOf(instrument, found as Order, clock.now())
      } catch (error) {
        if (isNotFound(error) && call.sent.at(-1)?.response !== null) return null
        throw error
      }
    })
  }

  async openOrders(id?: InstrumentId): Promise<VenueOrder[]> {
    const book = await this.instruments()
    const pair = id === undefined ? undefined : (await this.#instrument(id)).pair
    const { venue, dialect, clock } = this.#options
    return this.#query(async exchange =>
      (await (dialect.openOrders?.(exchange, pair) ?? exchange.fetchOpenOrders(pair))).flatMap(order => {
        const instrument = book.get(`${venue}:${order.symbol}` as InstrumentId)
        return instrument === undefined ? [] : [orderOf(instrument, order, clock.now())]
      }),
    )
  }

  /** All fills since, oldest first, however many pages they take. */
  async fills(id: InstrumentId, since: Micros): Promise<VenueExecution[]> {
    const instrument = await this.#instrument(id)
    const { clock } = this.#options
    return this.#query(async exchange => {
      const from = Math.floor(since / MICROS_PER_MS)
      const trades = await (this.#options.dialect.fills?.(exchange, instrument.pair, from) ??
        tradesSince(exchange, instrument.pair, from))
      const found = new Map(trades.map(trade => [String(trade.id), executionOf(instrument, trade, clock.now())]))
      return [...found.values()].filter(fill => fill.at >= since - MICROS_PER_MS).sort((a, b) => a.at - b.at)
    })
  }

  place(request: OrderRequest): Promise<Outcome> {
    const { dialect } = this.#options
    return this.#change('order', async exchange => {
      const instrument = await this.#instrument(request.instrument)
      const text = {
        clientId: dialect.clientId(request.id),
        quantity: quantityText(instrument, request.quantity),
        price: await this.#priceOf(instrument, request),
        triggerPrice: request.triggerPrice === undefined ? null : priceText(instrument, request.triggerPrice),
        validUntilMs: exchange.milliseconds() + this.#options.requestValidForMs,
      }
      const { type, params } = dialect.order(request, text)
      return exchange.createOrder(
        instrument.pair,
        type,
        request.side,
        text.quantity as unknown as number,
        (text.price ?? undefined) as unknown as number,
        params,
      )
    })
  }

  amend(ref: OrderRef, was: OrderRequest, change: { quantity: Lots; price?: Ticks }): Promise<Outcome> {
    const { dialect } = this.#options
    return this.#change('order', async exchange => {
      const instrument = await this.#instrument(ref.instrument)
      const price = change.price ?? was.price
      return dialect.amend!(exchange, instrument.pair, {
        venueOrderId: ref.venueOrderId,
        clientId: dialect.clientId(ref.order),
        side: was.side,
        type: was.type,
        quantity: quantityText(instrument, change.quantity),
        price: price === undefined ? null : priceText(instrument, price),
      })
    })
  }

  /** `was` is the order, as far as it is known here. */
  cancel(ref: OrderRef, was?: OrderRequest): Promise<Outcome> {
    const { dialect, clock } = this.#options
    const more = was === undefined ? {} : (dialect.cancelParams?.(was) ?? {})
    return this.#change('cancel', async exchange => {
      const { pair } = await this.#instrument(ref.instrument)
      const clientId = dialect.clientId(ref.order)
      if (dialect.cancel !== undefined)
        return dialect.cancel(exchange, pair, { venueOrderId: ref.venueOrderId, clientId })
      if (ref.venueOrderId !== null) return exchange.cancelOrder(ref.venueOrderId, pair, more)
      if (dialect.cancelByClientId === undefined) {
        const found = await this.order(ref, clock.now() - CANCEL_LOOKBACK)
        if (found === null) throw new AppError('order.unknown', { rule: 'the venue has no such order' })
        return exchange.cancelOrder(found.venueOrderId, pair, more)
      }
      return exchange.cancelOrder('', pair, { ...more, ...dialect.cancelByClientId(clientId) })
    })
  }

  cancelAll(symbols: readonly string[], only: InstrumentId | null): Promise<Outcome> {
    return this.#change('cancel', async exchange => {
      const pair = only === null ? null : (await this.#instrument(only)).pair
      await this.#options.dialect.cancelAll(exchange, symbols, pair)
      return {}
    })
  }

  async #instrument(id: InstrumentId): Promise<Instrument> {
    const instrument = (await this.instruments()).get(id)
    if (instrument === undefined)
      throw new AppError('instrument.unknown', {
        field: 'instrument',
        rule: `trades at ${this.#options.venue}`,
        value: id,
      })
    return instrument
  }

  /** A question that needs the table of markets, as almost all do. */
  async #query<T>(run: (exchange: Exchange, call: Call) => Promise<T>): Promise<T> {
    await this.instruments()
    return this.#ask(run)
  }

  #ask<T>(run: (exchange: Exchange, call: Call) => Promise<T>): Promise<T> {
    return inCall('query', async call => {
      try {
        return await run(await this.#options.exchange(), call)
      } catch (error) {
        throw this.#failure(error, call)
      }
    })
  }

  /** A market order that has to be sent as a limit gets a price well through the market. */
  async #priceOf(instrument: Instrument, { type, side, price }: OrderRequest): Promise<string | null> {
    if (price !== undefined) return priceText(instrument, price)
    if (type !== 'market' || this.#options.dialect.marketAsLimit !== true) return null
    const other = side === 'buy' ? 'sell' : 'buy'
    const { bid, ask } = { bid: null, ask: null, ...(await this.#touchOf(instrument.id, other)) }
    const best = side === 'buy' ? ask : bid
    if (best === null) throw new AppError('venue.refused', { rule: 'there is no price to go by' })
    return priceText(instrument, Math.round(best * (side === 'buy' ? 1 + THROUGH : 1 - THROUGH)))
  }

  async #touchOf(id: InstrumentId, side: 'buy' | 'sell'): Promise<{ bid?: Ticks | null; ask?: Ticks | null }> {
    const touch = this.#options.touch(id, side)
    return touch === null ? this.ticker(id) : { [side === 'buy' ? 'bid' : 'ask']: touch }
  }

  /** What is proven after an attempt to change something: see {@link Outcome}. */
  async #change(kind: CallKind, run: (exchange: Exchange) => Promise<unknown>): Promise<Outcome> {
    return inCall(kind, async call => {
      const { clock, dialect } = this.#options
      try {
        const done = (await run(await this.#options.exchange())) as { id?: unknown }
        const venueOrderId = done?.id === undefined || done.id === '' ? null : String(done.id)
        return { type: 'accepted', venueOrderId, at: clock.now() }
      } catch (error) {
        const at = clock.now()
        const sent = call.sent.filter(one => one.kind === kind)
        const last = sent.at(-1)
        const reason = shortened(error)
        if (last === undefined) return { type: 'rejected', reason: `not sent: ${reason}`, at }
        if (last.error !== null)
          return last.error.isSent || sent.length > 1
            ? { type: 'unknown', reason, at }
            : { type: 'rejected', reason: `not sent: ${reason}`, at }
        const refusal = dialect.refusal(last.response!)
        return refusal === null
          ? { type: 'unknown', reason: unreadable(last.response!, reason), at }
          : { type: 'rejected', reason: refusal.slice(0, REASON_LENGTH_MAX), at }
      }
    })
  }

  #failure(error: unknown, call: Call): AppError {
    if (error instanceof AppError) return error
    const { venue } = this.#options
    const { response = null, result = 'failed' } = call.sent.at(-1) ?? {}
    const code: ErrorCode =
      error instanceof TransportError || result === 'failed' ? 'venue.unavailable' : 'venue.refused'
    return new AppError(code, { venue, status: response?.status ?? 0, reason: shortened(error) }, { cause: error })
  }
}

/** ccxt's class for a venue's own "no such order". */
const isNotFound = (error: unknown): boolean => error instanceof Error && error.name === 'OrderNotFound'

const shortened = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX)

const unreadable = (response: HttpResponse, reason: string): string =>
  `HTTP ${response.status}: ${reason}`.slice(0, REASON_LENGTH_MAX)
