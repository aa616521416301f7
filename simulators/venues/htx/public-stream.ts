import { gzipSync } from 'node:zlib'
import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  type ChannelName,
  jsonObject,
  listenToTrades,
  type SimulatedInstrument,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { Heartbeat } from './heartbeat.ts'
import { instrumentNamed } from './instruments.ts'
import { bestView, candleRows, dayView, level, PERIODS, tradeView } from './market-rest.ts'
import { ms } from './views.ts'

/** Public sockets, `/ws` and `/feed`; every frame is packed: https://huobiapi.github.io/docs/spot/v1/en/#websocket-market-data */

const PING_EVERY: Micros = 5 * MICROS_PER_SECOND
/** Pings without an answer before the socket is closed. */
const UNANSWERED_MAX = 2
const SUBSCRIPTIONS_MAX = 100
/** Depths of the numbered books; those above five come from `/feed` alone. */
const DEPTHS = [5, 20, 150, 400]
const TOPIC = /^market\.([a-z0-9]+)\.(.+)$/

interface Message {
  readonly sub?: string
  readonly unsub?: string
  readonly req?: string
  readonly pong?: number
  readonly id?: unknown
}

export class HtxPublicStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #isFeed: boolean
  readonly #heartbeat: Heartbeat
  readonly #subscriptions = new Subscriptions()

  constructor(context: VenueContext, socket: VenueSocket, isFeed: boolean) {
    this.#context = context
    this.#socket = socket
    this.#isFeed = isFeed
    const rule = { start: context.now(), every: PING_EVERY, unansweredMax: UNANSWERED_MAX }
    this.#heartbeat = new Heartbeat(socket, rule, at => this.#send({ ping: ms(at) }, 'other'))
  }

  onFrame(frame: string): void {
    const message: Message | null = jsonObject(frame)
    if (message?.pong !== undefined) this.#heartbeat.onPong()
    else if (message?.sub !== undefined) this.#onSub(message.sub, message.id)
    else if (message?.req !== undefined) this.#onReq(message.req, message.id)
    else if (message?.unsub !== undefined) this.#onUnsub(message.unsub, message.id)
    else this.#refuse(message?.id, 'invalid command')
  }

  onTick(at: Micros): void {
    this.#heartbeat.onTick(at)
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #onSub(topic: string, id: unknown): void {
    const start = this.#channel(topic)
    if (start === null || this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      this.#refuse(id, `invalid topic ${topic}`)
      return
    }
    this.#subscriptions.end(topic)
    this.#send({ id, status: 'ok', subbed: topic, ts: ms(this.#context.now()) }, 'other')
    this.#subscriptions.add(topic, { end: start() })
  }

  #onUnsub(topic: string, id: unknown): void {
    this.#subscriptions.end(topic)
    this.#send({ id, status: 'ok', unsubbed: topic, ts: ms(this.#context.now()) }, 'other')
  }

  /** A snapshot that is asked for. */
  #onReq(topic: string, id: unknown): void {
    const book = this.#book(topic)
    if (book === null) {
      this.#refuse(id, `invalid topic ${topic}`)
      return
    }
    const { sequence, bids, asks } = this.#context.feed(book.depth).picture(book.one)
    const data = { seqNum: sequence, bids: bids.map(level(book.one)), asks: asks.map(level(book.one)) }
    this.#send({ id, rep: topic, status: 'ok', ts: ms(this.#context.now()), data }, 'book')
  }

  #book(topic: string): { one: SimulatedInstrument; depth: number } | null {
    const [, symbol, channel = ''] = TOPIC.exec(topic) ?? []
    const one = instrumentNamed(symbol)
    const depth = Number(/^mbp\.(\d+)$/.exec(channel)?.[1])
    return one !== undefined && this.#isFeed && DEPTHS.includes(depth) ? { one, depth } : null
  }

  /** What a topic starts; null where there is none of that name here. */
  #channel(topic: string): (() => () => void) | null {
    const book = this.#book(topic)
    if (book !== null) return () => this.#changes(topic, book.one, book.depth)
    const [, symbol, channel = ''] = TOPIC.exec(topic) ?? []
    const one = instrumentNamed(symbol)
    if (one === undefined || this.#isFeed) return null
    const period = PERIODS[/^kline\.(.+)$/.exec(channel)?.[1] ?? '']
    if (period !== undefined) return () => this.#candles(topic, one, period)
    switch (channel) {
      case 'trade.detail':
        return () => this.#trades(topic, one)
      case 'ticker':
        return () => this.#onChange(one, () => this.#push(topic, this.#ticker(one), 'ticker'))
      case 'detail':
        return () => this.#onChange(one, () => this.#push(topic, dayView(this.#context, one), 'ticker'))
      default:
        return null
    }
  }

  #changes(topic: string, one: SimulatedInstrument, depth: number): () => void {
    return this.#context.feed(depth).listen(one, ({ sequence, bids, asks }: BookPicture) => {
      const tick = {
        seqNum: sequence,
        prevSeqNum: sequence - 1,
        bids: bids.map(level(one)),
        asks: asks.map(level(one)),
      }
      this.#push(topic, tick, 'book')
    })
  }

  #trades(topic: string, one: SimulatedInstrument): () => void {
    return listenToTrades(this.#context, one, trade => {
      const { 'trade-id': tradeId, ...rest } = tradeView(one, trade)
      this.#push(topic, { id: trade.number, ts: ms(trade.at), data: [{ ...rest, tradeId }] }, 'trades')
    })
  }

  #candles(topic: string, one: SimulatedInstrument, period: number): () => void {
    return listenToTrades(this.#context, one, () =>
      this.#push(topic, candleRows(this.#context, one, period).at(-1), 'other'),
    )
  }

  #ticker(one: SimulatedInstrument) {
    const { id: _version, ...day } = dayView(this.#context, one)
    const last = this.#context.tape.trades(one).at(-1)
    const [lastPrice, lastSize] = last === undefined ? [day.close, 0] : level(one)([last.price, last.quantity])
    return { ...day, ...bestView(this.#context, one), lastPrice, lastSize }
  }

  #onChange(one: SimulatedInstrument, send: () => void): () => void {
    send()
    return this.#context.feed(DEPTHS[0]!).listen(one, send)
  }

  #push(topic: string, tick: unknown, channel: ChannelName): void {
    this.#send({ ch: topic, ts: ms(this.#context.now()), tick }, channel)
  }

  #refuse(id: unknown, why: string): void {
    this.#send({ id, status: 'error', 'err-code': 'bad-request', 'err-msg': why, ts: ms(this.#context.now()) }, 'other')
  }

  #send(message: object, channel: ChannelName): void {
    this.#socket.send(gzipSync(JSON.stringify(message)), channel)
  }
}
