import {
  type Level,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
} from '../../../src/kernel/index.ts'
import {
  type ChannelName,
  every,
  listenToTrades,
  type NumberedTrade,
  type SimulatedInstrument,
  type Subscription,
  Subscriptions,
  shortPrice,
  shortQuantity,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import type { CoinbaseAuth } from './auth.ts'
import { iso, productNamed } from './instruments.ts'
import { candlesInfo, DEPTH_MAX, dayOf, tradeInfo } from './market-data.ts'
import { tellUser } from './private-stream.ts'

/** Channels: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels */

const HEARTBEAT_EVERY: Micros = MICROS_PER_SECOND
/** Trades are told together. */
const TRADES_EVERY: Micros = 250 * MICROS_PER_MS
const BATCH_EVERY: Micros = 5 * MICROS_PER_SECOND
const CANDLES_EVERY: Micros = MICROS_PER_SECOND
const CANDLE: Micros = 5 * MICROS_PER_MINUTE
const SNAPSHOT_TRADES = 50

interface Question {
  readonly type?: string
  readonly channel?: string
  readonly product_ids?: readonly string[]
  readonly jwt?: string
}

/** One socket: whatever goes over it is numbered in one sequence. */
export class CoinbaseSocket implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: CoinbaseAuth
  /** By channel, then by product; channels without products are under the empty name. */
  readonly #channels = new Map<string, Subscriptions>()
  #sequence = 0
  #heartbeats = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: CoinbaseAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
  }

  onFrame(frame: string): void {
    let question: Question
    try {
      question = JSON.parse(frame) as Question
    } catch {
      this.#refuse('failed to unmarshal message')
      return
    }
    const { type, channel = '', product_ids: names = [] } = question
    if (type !== 'subscribe' && type !== 'unsubscribe') this.#refuse(`unknown message type ${String(type)}`)
    else if (!CHANNELS.has(channel)) this.#refuse(`channel ${channel} is not supported`)
    else if (names.some(name => productNamed(name) === undefined)) this.#refuse('product_ids are not valid')
    else if (type === 'unsubscribe') this.#unsubscribe(channel, names)
    else this.#subscribe(channel, names, question.jwt)
  }

  onTick(at: Micros): void {
    for (const subscriptions of this.#channels.values()) subscriptions.onTick(at)
  }

  onClose(): void {
    for (const subscriptions of this.#channels.values()) subscriptions.endAll()
    this.#channels.clear()
  }

  #subscribe(channel: string, names: readonly string[], jwt: string | undefined): void {
    const isUser = channel === 'user'
    const account = this.#auth.verifyToken(jwt)
    // A token is needed for what is private; one that is wrong is refused anywhere.
    if ((isUser || jwt !== undefined) && account === undefined) {
      this.#refuse('authentication failure')
      return
    }
    const subscriptions = this.#channels.get(channel) ?? new Subscriptions()
    this.#channels.set(channel, subscriptions)
    if (isUser || channel === 'heartbeats') {
      if (!subscriptions.has('')) {
        const end = isUser
          ? tellUser(this.#context, account!, new Set(names), events => this.#tell('user', events, 'orders'))
          : undefined
        subscriptions.add('', end === undefined ? this.#heartbeat() : { end })
      }
    } else
      for (const name of names)
        if (!subscriptions.has(name)) subscriptions.add(name, this.#open(channel, productNamed(name)!))
    this.#confirm()
  }

  #unsubscribe(channel: string, names: readonly string[]): void {
    const subscriptions = this.#channels.get(channel)
    if (names.length === 0 || channel === 'user') subscriptions?.endAll()
    else for (const name of names) subscriptions?.end(name)
    if (subscriptions?.size === 0) this.#channels.delete(channel)
    this.#confirm()
  }

  #confirm(): void {
    const subscriptions = Object.fromEntries(
      [...this.#channels].map(([channel, products]) => [channel, products.names().filter(name => name !== '')]),
    )
    this.#tell('subscriptions', [{ subscriptions }], 'other')
  }

  #open(channel: string, listed: SimulatedInstrument): Subscription {
    switch (channel) {
      case 'level2':
        return this.#book(listed)
      case 'market_trades':
        return this.#trades(listed)
      case 'ticker':
        return this.#ticker(listed)
      case 'ticker_batch':
        return every(BATCH_EVERY, () => this.#tellTicker('ticker_batch', 'update', listed))
      default:
        return every(CANDLES_EVERY, () => this.#tellCandle(listed))
    }
  }

  #book(listed: SimulatedInstrument): Subscription {
    const feed = this.#context.feed(DEPTH_MAX)
    const tell = (type: 'snapshot' | 'update', at: Micros, bids: readonly Level[], asks: readonly Level[]) => {
      const rows = (side: 'bid' | 'offer', levels: readonly Level[]) =>
        levels.map(([price, size]) => ({
          side,
          event_time: type === 'snapshot' ? '1970-01-01T00:00:00Z' : iso(at),
          price_level: shortPrice(listed, price),
          new_quantity: shortQuantity(listed, size),
        }))
      const updates = [...rows('bid', bids), ...rows('offer', asks)]
      this.#tell('l2_data', [{ type, product_id: listed.symbol, updates }], 'book')
    }
    const end = feed.listen(listed, ({ at, bids, asks }) => tell('update', at, bids, asks))
    const { at, bids, asks } = feed.picture(listed)
    tell('snapshot', at, bids, asks)
    return { end }
  }

  #trades(listed: SimulatedInstrument): Subscription {
    const waiting: NumberedTrade[] = []
    const tell = (type: 'snapshot' | 'update', trades: readonly NumberedTrade[]) =>
      this.#tell('market_trades', [{ type, trades: trades.map(trade => tradeInfo(listed, trade)) }], 'trades')
    tell('snapshot', this.#context.tape.trades(listed).slice(-SNAPSHOT_TRADES).reverse())
    const end = listenToTrades(this.#context, listed, trade => waiting.push(trade))
    const { onTick } = every(TRADES_EVERY, () => {
      if (waiting.length > 0) tell('update', waiting.splice(0).reverse())
    })
    return { end, onTick }
  }

  #ticker(listed: SimulatedInstrument): Subscription {
    let hasTraded = false
    this.#tellTicker('ticker', 'snapshot', listed)
    const end = listenToTrades(this.#context, listed, () => {
      hasTraded = true
    })
    return {
      end,
      onTick: () => {
        if (hasTraded) this.#tellTicker('ticker', 'update', listed)
        hasTraded = false
      },
    }
  }

  #tellTicker(channel: 'ticker' | 'ticker_batch', type: 'snapshot' | 'update', listed: SimulatedInstrument): void {
    const day = dayOf(this.#context, listed)
    const best = {
      best_bid: day.bid,
      best_bid_quantity: day.bidSize,
      best_ask: day.ask,
      best_ask_quantity: day.askSize,
    }
    const ticker = {
      type: 'ticker',
      product_id: listed.symbol,
      price: day.last,
      volume_24_h: day.volume,
      low_24_h: day.low,
      high_24_h: day.high,
      low_52_w: day.low,
      high_52_w: day.high,
      price_percent_chg_24_h: day.change,
      ...(channel === 'ticker' ? best : {}),
    }
    this.#tell(channel, [{ type, tickers: [ticker] }], 'ticker')
  }

  #tellCandle(listed: SimulatedInstrument): void {
    const now = Math.floor(this.#context.market.now / MICROS_PER_SECOND)
    const [candle] = candlesInfo(this.#context, listed, CANDLE, [now - CANDLE / MICROS_PER_SECOND, now]) ?? []
    if (candle !== undefined)
      this.#tell('candles', [{ type: 'update', candles: [{ ...candle, product_id: listed.symbol }] }], 'other')
  }

  #heartbeat(): Subscription {
    return every(HEARTBEAT_EVERY, () => {
      this.#heartbeats += 1
      const current_time = `${iso(this.#context.now()).replace('T', ' ').replace('Z', '')} +0000 UTC`
      this.#tell('heartbeats', [{ current_time, heartbeat_counter: this.#heartbeats }], 'other')
    })
  }

  #tell(channel: string, events: readonly object[], as: ChannelName): void {
    const message = {
      channel,
      client_id: '',
      timestamp: iso(this.#context.now()),
      sequence_num: this.#sequence,
      events,
    }
    this.#sequence += 1
    this.#socket.send(JSON.stringify(message), as)
  }

  #refuse(message: string): void {
    this.#socket.send(JSON.stringify({ type: 'error', message }), 'other')
  }
}

const CHANNELS = new Set(['level2', 'market_trades', 'ticker', 'ticker_batch', 'candles', 'heartbeats', 'user'])
