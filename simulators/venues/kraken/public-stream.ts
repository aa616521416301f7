import { crc32 } from 'node:zlib'
import {
  type Level,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
  priceText,
  quantityText,
} from '../../../src/kernel/index.ts'
import {
  type BookChange,
  type BookPicture,
  bestLevels,
  jsonObject,
  listenToTrades,
  type NumberedTrade,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { type KrakenPair, pairNamed } from './instruments.ts'

/** Public channels of version 2: https://docs.kraken.com/api/docs/websocket-v2/book and its neighbours. */

const DEPTHS = [10, 25, 100, 500, 1_000]
const HEARTBEAT_EVERY: Micros = MICROS_PER_SECOND
const CHECKSUM_LEVELS = 10
const SUBSCRIPTIONS_MAX = 200

export interface Subscribe {
  readonly method?: string
  readonly req_id?: number
  readonly params?: {
    readonly channel?: string
    readonly symbol?: readonly string[]
    readonly depth?: number
    readonly interval?: number
    readonly snapshot?: boolean
    readonly token?: string
  }
}

export const iso = (at: Micros): string =>
  `${new Date(Math.floor(at / 1_000)).toISOString().slice(0, -1)}${String(at % 1_000).padStart(3, '0')}Z`

/** Numbers are sent as numbers, with all their decimals: trailing zeros count in the checksum. */
const levelText = (pair: KrakenPair, [price, quantity]: Level): string =>
  `{"price":${priceText(pair.instrument, price)},"qty":${quantityText(pair.instrument, quantity)}}`

const digits = (text: string): string => text.replace('.', '').replace(/^0+/, '')

/** https://docs.kraken.com/api/docs/guides/spot-ws-book-v2 */
function checksumOf({ instrument }: KrakenPair, { bids, asks }: BookPicture): number {
  const side = (levels: readonly Level[]) =>
    levels
      .slice(0, CHECKSUM_LEVELS)
      .map(([price, quantity]) => digits(priceText(instrument, price)) + digits(quantityText(instrument, quantity)))
      .join('')
  return crc32(side(asks) + side(bids))
}

export class KrakenPublicStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #subscriptions = new Subscriptions()
  #beatAt: Micros = 0

  constructor(context: VenueContext, socket: VenueSocket) {
    this.#context = context
    this.#socket = socket
    sendStatus(context, socket)
  }

  onFrame(frame: string): void {
    const message: Subscribe | null = jsonObject(frame)
    if (message === null) return
    const at = this.#context.now()
    const { method, params = {} } = message
    if (method === 'ping') {
      this.#socket.send(JSON.stringify({ method: 'pong', req_id: message.req_id, ...times(at) }), 'other')
      return
    }
    if (method !== 'subscribe' && method !== 'unsubscribe') {
      this.#refuse(message, 'Unsupported method')
      return
    }
    for (const symbol of params.symbol ?? []) {
      const pair = pairNamed(symbol)
      if (pair === undefined || pair.instrument.pair !== symbol)
        this.#refuse(message, `Currency pair not supported ${symbol}`)
      else if (method === 'unsubscribe') this.#unsubscribe(message, pair)
      else this.#subscribe(message, pair)
    }
  }

  onTick(at: Micros): void {
    if (this.#subscriptions.size === 0 || at - this.#beatAt < HEARTBEAT_EVERY) return
    this.#beatAt = at
    this.#socket.send('{"channel":"heartbeat"}', 'other')
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #subscribe(message: Subscribe, pair: KrakenPair): void {
    const { channel = '', depth = 10, interval = 1, snapshot = true } = message.params!
    if (channel === 'book' && !DEPTHS.includes(depth)) {
      this.#refuse(message, 'Subscription depth not supported')
      return
    }
    if (!['book', 'trade', 'ticker', 'ohlc'].includes(channel)) {
      this.#refuse(message, `Subscription name invalid`)
      return
    }
    const name = keyOf(message, pair)
    if (this.#subscriptions.has(name)) {
      this.#refuse(message, 'Already subscribed')
      return
    }
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      this.#refuse(message, 'Too many subscriptions')
      return
    }
    this.#acknowledge(message, {
      channel,
      symbol: pair.instrument.pair,
      snapshot,
      ...(channel === 'book' ? { depth } : {}),
    })
    const open = {
      book: () => this.#book(pair, depth),
      trade: () => this.#trade(pair, snapshot),
      ticker: () => this.#ticker(pair),
      ohlc: () => this.#candles(pair, interval),
    }
    this.#subscriptions.add(name, { end: open[channel as keyof typeof open]() })
  }

  #unsubscribe(message: Subscribe, pair: KrakenPair): void {
    const name = keyOf(message, pair)
    this.#subscriptions.end(name)
    this.#acknowledge(message, { channel: message.params!.channel, symbol: pair.instrument.pair })
  }

  #book(pair: KrakenPair, depth: number): () => void {
    const feed = this.#context.feed(depth)
    const send = (type: string, change: BookPicture, whole: BookPicture) => {
      const wrong = this.#context.faults.take('bad_checksum', 'book', this.#context.market.now)
      const checksum = (checksumOf(pair, whole) + (wrong === null ? 0 : 1)) >>> 0
      const side = (levels: readonly Level[]) => `[${levels.map(level => levelText(pair, level)).join(',')}]`
      const stamp = type === 'update' ? `,"timestamp":"${iso(change.at)}"` : ''
      this.#socket.send(
        `{"channel":"book","type":"${type}","data":[{"symbol":"${pair.instrument.pair}","bids":${side(change.bids)},"asks":${side(change.asks)},"checksum":${checksum}${stamp}}]}`,
        'book',
      )
    }
    const end = feed.listen(pair, (change: BookChange) => send('update', change, change.picture))
    const picture = feed.picture(pair)
    send('snapshot', picture, picture)
    return end
  }

  #trade(pair: KrakenPair, snapshot: boolean): () => void {
    const { tape } = this.#context
    const send = (type: string, trades: readonly NumberedTrade[]) => {
      const rows = trades.map(
        trade =>
          `{"symbol":"${pair.instrument.pair}","side":"${trade.side}","price":${priceText(pair.instrument, trade.price)},"qty":${quantityText(pair.instrument, trade.quantity)},"ord_type":"market","trade_id":${trade.number},"timestamp":"${iso(trade.at)}"}`,
      )
      this.#socket.send(`{"channel":"trade","type":"${type}","data":[${rows.join(',')}]}`, 'trades')
    }
    if (snapshot) send('snapshot', tape.trades(pair).slice(-50))
    return listenToTrades(this.#context, pair, trade => send('update', [trade]))
  }

  #ticker(pair: KrakenPair): () => void {
    const { market, tape } = this.#context
    const send = (type: string) => {
      const { instrument } = pair
      const { bid, ask } = bestLevels(this.#context, pair)
      const day = tape.day(pair, market.now)
      const price = (ticks: number) => priceText(instrument, ticks)
      this.#socket.send(
        `{"channel":"ticker","type":"${type}","data":[{"symbol":"${instrument.pair}","bid":${price(bid[0])},"bid_qty":${quantityText(instrument, bid[1])},"ask":${price(ask[0])},"ask_qty":${quantityText(instrument, ask[1])},"last":${price(day.last)},"volume":${day.volume.toFixed(8)},"vwap":${price(day.last)},"low":${price(day.low)},"high":${price(day.high)},"change":${price(Math.abs(day.last - day.open))},"change_pct":0.00}]}`,
        'ticker',
      )
    }
    send('snapshot')
    return this.#context.feed(10).listen(pair, () => send('update'))
  }

  #candles(pair: KrakenPair, minutes: number): () => void {
    const { tape, market } = this.#context
    const { instrument } = pair
    const send = (type: string, count: number) => {
      const rows = tape
        .candles(pair, minutes * MICROS_PER_MINUTE, market.now)
        .slice(-count)
        .map(({ openAt, open, high, low, close, volume }) => {
          const price = (ticks: number) => priceText(instrument, ticks)
          return `{"symbol":"${instrument.pair}","open":${price(open)},"high":${price(high)},"low":${price(low)},"close":${price(close)},"trades":1,"volume":${volume.toFixed(8)},"vwap":${price(close)},"interval_begin":"${iso(openAt)}","interval":${minutes},"timestamp":"${iso(openAt + minutes * MICROS_PER_MINUTE)}"}`
        })
      this.#socket.send(
        `{"channel":"ohlc","type":"${type}","timestamp":"${iso(market.now)}","data":[${rows.join(',')}]}`,
        'other',
      )
    }
    send('snapshot', 100)
    return listenToTrades(this.#context, pair, () => send('update', 1))
  }

  #acknowledge(message: Subscribe, result: object): void {
    const at = this.#context.now()
    this.#socket.send(
      JSON.stringify({ method: message.method, result, success: true, ...times(at), req_id: message.req_id }),
      'other',
    )
  }

  #refuse(message: Subscribe, error: string): void {
    refuse(this.#context, this.#socket, message, error)
  }
}

const keyOf = ({ params = {} }: Subscribe, pair: KrakenPair): string =>
  `${params.channel} ${pair.symbol} ${params.channel === 'book' ? (params.depth ?? 10) : params.channel === 'ohlc' ? (params.interval ?? 1) : ''}`

export const times = (at: Micros) => ({ time_in: iso(at), time_out: iso(at) })

export function refuse(context: VenueContext, socket: VenueSocket, message: Subscribe, error: string): void {
  const { method, req_id } = message
  socket.send(JSON.stringify({ error, method, success: false, ...times(context.now()), req_id }), 'other')
}

export function sendStatus(context: VenueContext, socket: VenueSocket): void {
  const connection = Math.floor(context.random.next() * 2 ** 48)
  const data = [{ version: '2.0.10', system: 'online', api_version: 'v2', connection_id: connection }]
  socket.send(JSON.stringify({ channel: 'status', type: 'update', data }), 'other')
}
