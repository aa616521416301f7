import {
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
  priceText,
  quantityText,
} from '../../../src/kernel/index.ts'
import type {
  ChannelName,
  NumberedTrade,
  SimulatedInstrument,
  VenueConnection,
  VenueContext,
  VenueSocket,
} from '../core/index.ts'
import type { CoinbaseAuth } from './auth.ts'
import { productNamed } from './instruments.ts'
import { iso } from './orders.ts'
import { BOOK_DEPTH } from './public-rest.ts'
import { tellOrders } from './user-channel.ts'

/** https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels */

const CHANNELS = ['heartbeats', 'level2', 'market_trades', 'ticker', 'ticker_batch', 'candles', 'user']
const SUBSCRIPTIONS_MAX = 200
const BATCH_EVERY: Micros = 5 * MICROS_PER_SECOND
const CANDLE_MINUTES = 5

interface Subscribe {
  readonly type?: string
  readonly channel?: string
  readonly product_ids?: readonly string[]
  readonly jwt?: string
}

/** One connection: every message of whatever channel has the next number. */
export class CoinbaseStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: CoinbaseAuth
  /** By channel and product; a channel without products has the empty one. */
  readonly #ends = new Map<string, { channel: string; product: string; end: () => void }>()
  #sequence = 0
  #beats = 0
  #beatAt: Micros = 0

  constructor(context: VenueContext, socket: VenueSocket, auth: CoinbaseAuth) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
  }

  onFrame(frame: string): void {
    let message: Subscribe
    try {
      message = JSON.parse(frame) as Subscribe
    } catch {
      this.#refuse('failed to parse the message')
      return
    }
    const { type, channel = '' } = message
    if (type !== 'subscribe' && type !== 'unsubscribe') this.#refuse('type not supported')
    else if (!CHANNELS.includes(channel)) this.#refuse('channel not supported')
    else if (type === 'unsubscribe') this.#unsubscribe(channel, message.product_ids ?? [])
    else this.#subscribe(channel, message)
  }

  onTick(at: Micros): void {
    if (!this.#ends.has('heartbeats ') || at - this.#beatAt < MICROS_PER_SECOND) return
    this.#beatAt = at
    this.#beats += 1
    this.#tell('heartbeats', [{ current_time: iso(at), heartbeat_counter: this.#beats }], 'other')
  }

  onClose(): void {
    for (const { end } of this.#ends.values()) end()
    this.#ends.clear()
  }

  #subscribe(channel: string, { product_ids = [], jwt = '' }: Subscribe): void {
    const needsProducts = channel !== 'heartbeats' && channel !== 'user'
    const products = product_ids.map(productNamed)
    if (products.includes(undefined) || (needsProducts && products.length === 0)) {
      this.#refuse(`invalid product_ids: ${product_ids.join(',')}`)
      return
    }
    const account = channel === 'user' ? this.#auth.accountOfStream(jwt) : undefined
    if (channel === 'user' && account === undefined) {
      this.#refuse('authentication failure')
      return
    }
    if (this.#ends.size + product_ids.length > SUBSCRIPTIONS_MAX) {
      this.#refuse('too many subscriptions')
      return
    }
    const news: [string, () => () => void][] = []
    if (account !== undefined) {
      const wanted = products.map(one => one!.symbol)
      news.push([
        wanted.join(','),
        () => tellOrders(this.#context, account, wanted, events => this.#tell('user', events, 'orders')),
      ])
    } else if (needsProducts) for (const one of products) news.push([one!.symbol, () => this.#begin(channel, one!)])
    else news.push(['', () => () => {}])
    for (const [product, begin] of news) {
      const key = `${channel} ${product}`
      if (!this.#ends.has(key)) this.#ends.set(key, { channel, product, end: begin() })
    }
    this.#tellSubscriptions()
  }

  #unsubscribe(channel: string, products: readonly string[]): void {
    for (const [key, one] of this.#ends)
      if (one.channel === channel && (products.length === 0 || products.includes(one.product))) {
        one.end()
        this.#ends.delete(key)
      }
    this.#tellSubscriptions()
  }

  #begin(channel: string, product: SimulatedInstrument): () => void {
    switch (channel) {
      case 'level2':
        return this.#book(product)
      case 'market_trades':
        return this.#trades(product)
      case 'candles':
        return this.#candles(product)
      default:
        return this.#ticker(product, channel)
    }
  }

  /** Whole books; a quantity of zero takes a level out. */
  #book(product: SimulatedInstrument): () => void {
    const { instrument, symbol } = product
    const feed = this.#context.feed(BOOK_DEPTH)
    type Picture = Pick<ReturnType<typeof feed.picture>, 'bids' | 'asks' | 'at'>
    const send = (type: string, { bids, asks, at }: Picture) => {
      const rows = (side: string, levels: typeof bids) =>
        levels.map(([price, quantity]) => ({
          side,
          event_time: iso(at),
          price_level: priceText(instrument, price),
          new_quantity: quantityText(instrument, quantity),
        }))
      this.#tell(
        'l2_data',
        [{ type, product_id: symbol, updates: [...rows('bid', bids), ...rows('offer', asks)] }],
        'book',
      )
    }
    const end = feed.listen(product, change => send('update', change))
    send('snapshot', feed.picture(product))
    return end
  }

  /** `side` is that of the maker. */
  #trades(product: SimulatedInstrument): () => void {
    const { instrument, symbol } = product
    const send = (type: string, trades: readonly NumberedTrade[]) => {
      const rows = trades.map(({ number, price, quantity, at, side }) => ({
        trade_id: String(number),
        product_id: symbol,
        price: priceText(instrument, price),
        size: quantityText(instrument, quantity),
        time: iso(at),
        side: side === 'buy' ? 'SELL' : 'BUY',
      }))
      this.#tell('market_trades', [{ type, trades: rows }], 'trades')
    }
    send('snapshot', this.#context.tape.trades(product).slice(-50).reverse())
    return this.#onTrade(product, trade => send('update', [trade]))
  }

  #ticker(product: SimulatedInstrument, channel: string): () => void {
    const { instrument, symbol } = product
    const { market, tape } = this.#context
    let sentAt: Micros = 0
    const send = (type: string) => {
      if (type === 'update' && channel === 'ticker_batch' && market.now - sentAt < BATCH_EVERY) return
      sentAt = market.now
      const { bids, asks } = market.levels(product, 1)
      const day = tape.day(product, market.now)
      const [bid, ask] = [bids[0] ?? [0, 0], asks[0] ?? [0, 0]]
      const ticker = {
        type: 'ticker',
        product_id: symbol,
        price: priceText(instrument, day.last),
        volume_24_h: day.volume.toFixed(8),
        low_24_h: priceText(instrument, day.low),
        high_24_h: priceText(instrument, day.high),
        low_52_w: priceText(instrument, day.low),
        high_52_w: priceText(instrument, day.high),
        price_percent_chg_24_h: '0',
        best_bid: priceText(instrument, bid[0]),
        best_bid_quantity: quantityText(instrument, bid[1]),
        best_ask: priceText(instrument, ask[0]),
        best_ask_quantity: quantityText(instrument, ask[1]),
      }
      this.#tell(channel, [{ type, tickers: [ticker] }], 'ticker')
    }
    send('snapshot')
    return this.#context.feed(BOOK_DEPTH).listen(product, () => send('update'))
  }

  #candles(product: SimulatedInstrument): () => void {
    const { instrument, symbol } = product
    const { tape, market } = this.#context
    const send = (type: string, count: number) => {
      const text = (price: number) => priceText(instrument, price)
      const rows = tape
        .candles(product, CANDLE_MINUTES * MICROS_PER_MINUTE, market.now)
        .slice(-count)
        .reverse()
        .map(({ openAt, open, high, low, close, volume }) => ({
          start: String(openAt / MICROS_PER_SECOND),
          high: text(high),
          low: text(low),
          open: text(open),
          close: text(close),
          volume: volume.toFixed(8),
          product_id: symbol,
        }))
      this.#tell('candles', [{ type, candles: rows }], 'other')
    }
    send('snapshot', 100)
    return this.#onTrade(product, () => send('update', 1))
  }

  #onTrade(product: SimulatedInstrument, tell: (trade: NumberedTrade) => void): () => void {
    return this.#context.exchange.listen({
      onOrder() {},
      onFill() {},
      onBalance() {},
      onTrade: (traded, trade) => {
        if (traded === product) tell(trade)
      },
    })
  }

  #tellSubscriptions(): void {
    const subscriptions: Record<string, string[]> = {}
    for (const { channel, product } of this.#ends.values())
      subscriptions[channel] = [...(subscriptions[channel] ?? []), product === '' ? channel : product]
    this.#tell('subscriptions', [{ subscriptions }], 'other')
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
