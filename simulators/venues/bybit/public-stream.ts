import {
  type BookPicture,
  type ChannelName,
  jsonObject,
  listenToTrades,
  NextTick,
  type NumberedTrade,
  type SimulatedInstrument,
  Subscriptions,
  shortQuantity,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { ms, price, SIDES } from './answers.ts'
import { symbolNamed } from './instruments.ts'
import { type BybitMarket, INTERVALS, rows } from './market-data.ts'

/** Public spot topics: https://bybit-exchange.github.io/docs/v5/ws/connect and …/v5/websocket/public/orderbook with its neighbours. */

/** "Spot can input up to 10 args for each subscription request." */
const ARGS_MAX = 10
const TOPICS_MAX = 500
const DEPTHS = ['1', '50', '200', '1000']

export interface Command {
  readonly op?: string
  readonly req_id?: string
  readonly args?: readonly unknown[]
}

export class BybitPublicStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #market: BybitMarket
  readonly #connection: string
  readonly #subscriptions = new Subscriptions()
  /** What is told once a tick, by topic. */
  readonly #waiting = new NextTick<string>()

  constructor(context: VenueContext, socket: VenueSocket, market: BybitMarket) {
    this.#context = context
    this.#socket = socket
    this.#market = market
    this.#connection = connectionId(context)
  }

  onFrame(frame: string): void {
    const { op = '', req_id = '', args = [] }: Command = jsonObject(frame) ?? {}
    if (op === 'ping') {
      this.#reply(true, 'pong', req_id, 'ping')
      return
    }
    if (op !== 'subscribe' && op !== 'unsubscribe') {
      this.#reply(false, `error:invalid op`, req_id, op)
      return
    }
    if (args.length > ARGS_MAX) {
      this.#reply(false, `args size >${ARGS_MAX}`, req_id, op)
      return
    }
    const topics = args.map(String)
    const wrong =
      op === 'subscribe' ? topics.find(topic => !this.#isTopic(topic) || this.#subscriptions.has(topic)) : undefined
    if (wrong !== undefined || this.#subscriptions.size + topics.length > TOPICS_MAX) {
      const why = this.#subscriptions.has(wrong ?? '') ? 'already subscribed' : 'handler not found'
      this.#reply(false, `error:${why},topic:${wrong ?? ''}`, req_id, op)
      return
    }
    this.#reply(true, op === 'subscribe' ? 'subscribe' : '', req_id, op)
    for (const topic of topics)
      if (op === 'subscribe') this.#subscriptions.add(topic, { end: this.#open(topic) })
      else {
        this.#subscriptions.end(topic)
        this.#waiting.delete(topic)
      }
  }

  onTick(): void {
    this.#waiting.tellAll()
  }

  onClose(): void {
    this.#subscriptions.endAll()
    this.#waiting.clear()
  }

  #isTopic(topic: string): boolean {
    const [channel, first = '', second] = topic.split('.')
    if (symbolNamed(second ?? first) === undefined) return false
    if (channel === 'orderbook') return DEPTHS.includes(first)
    if (channel === 'kline') return INTERVALS[first] !== undefined
    return second === undefined && (channel === 'publicTrade' || channel === 'tickers')
  }

  #open(topic: string): () => void {
    const [channel, first = '', second] = topic.split('.')
    const listed = symbolNamed(second ?? first)!
    const onTrade = (tell: (trade: NumberedTrade) => void) => listenToTrades(this.#context, listed, tell)
    if (channel === 'orderbook') return this.#book(topic, listed, Number(first))
    if (channel === 'publicTrade')
      return onTrade(trade => this.#send(topic, 'snapshot', 'trades', [tradeData(listed, trade)], trade.at))
    if (channel === 'kline')
      return onTrade(() => {
        this.#waiting.set(topic, () => {
          const candle = this.#market.forming(listed, first)
          if (candle !== null) this.#send(topic, 'snapshot', 'other', [candle])
        })
      })
    const tell = () => this.#send(topic, 'snapshot', 'ticker', this.#ticker(listed))
    tell()
    return onTrade(() => this.#waiting.set(topic, tell))
  }

  #book(topic: string, listed: SimulatedInstrument, depth: number): () => void {
    const feed = this.#context.feed(depth)
    const send = (type: 'snapshot' | 'delta', { bids, asks, sequence, at }: BookPicture) => {
      const data = { s: listed.symbol, b: rows(listed, bids), a: rows(listed, asks), u: sequence, seq: sequence }
      this.#socket.send(JSON.stringify({ topic, type, ts: ms(this.#context.now()), data, cts: ms(at) }), 'book')
    }
    // The best prices alone are told whole each time.
    const end = feed.listen(listed, change => (depth === 1 ? send('snapshot', change.picture) : send('delta', change)))
    send('snapshot', feed.picture(listed))
    return end
  }

  /** Of spot without best prices. */
  #ticker(listed: SimulatedInstrument) {
    const { bid1Price: _b, bid1Size: _B, ask1Price: _a, ask1Size: _A, ...ticker } = this.#market.ticker(listed)
    return ticker
  }

  #send(topic: string, type: string, as: ChannelName, data: unknown, at = this.#context.now()): void {
    this.#socket.send(JSON.stringify({ topic, ts: ms(at), type, data }), as)
  }

  #reply(success: boolean, ret_msg: string, req_id: string, op: string): void {
    this.#socket.send(JSON.stringify({ success, ret_msg, conn_id: this.#connection, req_id, op }), 'other')
  }
}

export const connectionId = (context: VenueContext): string =>
  Array.from({ length: 4 }, () => context.random.below(2 ** 30).toString(36)).join('-')

const tradeData = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  i: String(2_290_000_000_000_000_000n + BigInt(trade.number)),
  T: ms(trade.at),
  p: price(listed, trade.price),
  v: shortQuantity(listed, trade.quantity),
  S: SIDES[trade.side],
  s: listed.symbol,
  BT: false,
})
