import { type Level, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  type ChannelName,
  every,
  json,
  listenToTrades,
  type NumberedTrade,
  type SimulatedInstrument,
  type Subscription,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { BINANCE_SYMBOLS, priceOf, quantityOf } from './instruments.ts'
import {
  aggregateRow,
  bestOf,
  candleInfo,
  DEPTH_MAX,
  dayOf,
  firstUpdateOf,
  intervalOf,
  lastUpdateOf,
  levelsOf,
} from './market-data.ts'
import { msOf } from './orders.ts'

/** Market streams: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */

const STREAMS_MAX = 1_024
const SECOND: Micros = MICROS_PER_SECOND

interface Question {
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: readonly unknown[]
}

export class BinancePublicStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #isCombined: boolean
  readonly #streams = new Subscriptions()

  /** `/ws`, `/ws/<stream>` and `/stream?streams=<stream>/<stream>`; what is no name of a stream is let pass, as Binance does. */
  constructor(context: VenueContext, socket: VenueSocket, path: string, query: URLSearchParams) {
    this.#context = context
    this.#socket = socket
    this.#isCombined = path.startsWith('/stream')
    const named = this.#isCombined ? (query.get('streams') ?? '').split('/') : path.split('/').slice(2)
    for (const name of named) this.#subscribe(name)
  }

  onFrame(frame: string): void {
    let question: Question
    try {
      question = JSON.parse(frame) as Question
    } catch {
      this.#refuse(null, 3, 'Invalid JSON: expected value at line 1 column 1')
      return
    }
    const { id = null, method, params = [] } = question
    const names = params.map(String)
    if (method === 'LIST_SUBSCRIPTIONS') this.#reply(id, this.#streams.names())
    else if (method === 'UNSUBSCRIBE') {
      for (const name of names) this.#streams.end(name)
      this.#reply(id, null)
    } else if (method !== 'SUBSCRIBE')
      this.#refuse(id, 0, `Unknown property: method '${method}' is none of SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS`)
    else if (this.#streams.size + names.length > STREAMS_MAX) this.#refuse(id, 2, 'Invalid request: too many streams')
    else {
      // The reply comes before what the streams tell.
      this.#reply(id, null)
      for (const name of names) this.#subscribe(name)
    }
  }

  onTick(at: Micros): void {
    this.#streams.onTick(at)
  }

  onClose(): void {
    this.#streams.endAll()
  }

  #subscribe(name: string): void {
    if (this.#streams.has(name)) return
    const [symbol = '', kind = '', speed] = name.split('@')
    const listed = BINANCE_SYMBOLS.find(one => one.symbol.toLowerCase() === symbol)
    if (listed === undefined) return
    const stream = this.#open(listed, kind, speed === '100ms', this.#sender(name))
    if (stream !== null) this.#streams.add(name, stream)
  }

  #sender(name: string) {
    return (data: object, channel: ChannelName) =>
      this.#socket.send(JSON.stringify(this.#isCombined ? { stream: name, data } : data), channel)
  }

  #open(listed: SimulatedInstrument, kind: string, isFast: boolean, send: Send): Subscription | null {
    const interval = kind.startsWith('kline_') ? intervalOf(kind.slice('kline_'.length)) : undefined
    if (interval !== undefined) return this.#candles(listed, kind.slice('kline_'.length), interval, send)
    const partial = /^depth(5|10|20)$/.exec(kind)?.[1]
    if (partial !== undefined) return this.#partialDepth(listed, Number(partial), isFast, send)
    const onTrade = (tell: (trade: NumberedTrade) => void) => ({ end: listenToTrades(this.#context, listed, tell) })
    switch (kind) {
      case 'depth':
        return this.#depth(listed, isFast, send)
      case 'trade':
        return onTrade(trade => send(this.#trade(listed, trade), 'trades'))
      case 'aggTrade':
        return onTrade(trade =>
          send({ e: 'aggTrade', E: this.#ms(), s: listed.symbol, ...aggregateRow(listed, trade) }, 'trades'),
        )
      case 'bookTicker':
        return this.#bookTicker(listed, send)
      case 'ticker':
        return every(SECOND, () => send(this.#dayTicker(listed), 'ticker'))
      case 'miniTicker':
        return every(SECOND, () => send(this.#miniTicker(listed), 'ticker'))
      default:
        return null
    }
  }

  /** What has changed since the last time, with the numbers of the first and the last update in it. */
  #depth(listed: SimulatedInstrument, isFast: boolean, send: Send): Subscription {
    let first: number | null = null
    let last = 0
    const [bids, asks] = [new Map<number, number>(), new Map<number, number>()]
    let toldAt: Micros = this.#context.market.now
    const flush = (at: Micros) => {
      if (first === null) return
      send(
        {
          e: 'depthUpdate',
          E: msOf(at),
          s: listed.symbol,
          U: first,
          u: last,
          b: levelsOf(listed, [...bids] as Level[]),
          a: levelsOf(listed, [...asks] as Level[]),
        },
        'book',
      )
      first = null
      bids.clear()
      asks.clear()
      toldAt = at
    }
    const end = this.#context.feed(DEPTH_MAX).listen(listed, change => {
      first ??= firstUpdateOf(change)
      last = lastUpdateOf(change)
      for (const [price, quantity] of change.bids) bids.set(price, quantity)
      for (const [price, quantity] of change.asks) asks.set(price, quantity)
      if (isFast) flush(change.at)
    })
    if (isFast) return { end }
    return {
      end,
      onTick(at) {
        if (at - toldAt >= SECOND) flush(at)
      },
    }
  }

  #partialDepth(listed: SimulatedInstrument, levels: number, isFast: boolean, send: Send): Subscription {
    let changed: BookPicture | null = null
    const tell = () => {
      if (changed === null) return
      const side = (all: readonly Level[]) => levelsOf(listed, all.slice(0, levels))
      send({ lastUpdateId: lastUpdateOf(changed), bids: side(changed.bids), asks: side(changed.asks) }, 'book')
      changed = null
    }
    const end = this.#context.feed(DEPTH_MAX).listen(listed, ({ picture }) => {
      changed = picture
      if (isFast) tell()
    })
    if (isFast) return { end }
    const { onTick } = every(SECOND, tell)
    return { end, onTick }
  }

  #bookTicker(listed: SimulatedInstrument, send: Send): Subscription {
    let told = ''
    const end = this.#context.feed(DEPTH_MAX).listen(listed, ({ picture }) => {
      const { symbol, bidPrice, bidQty, askPrice, askQty } = bestOf(this.#context, listed)
      const best = { s: symbol, b: bidPrice, B: bidQty, a: askPrice, A: askQty }
      const text = JSON.stringify(best)
      if (text === told) return
      told = text
      send({ u: lastUpdateOf(picture), ...best }, 'ticker')
    })
    return { end }
  }

  #trade(listed: SimulatedInstrument, { number, price, quantity, at, side }: NumberedTrade) {
    return {
      e: 'trade',
      E: this.#ms(),
      s: listed.symbol,
      t: number,
      p: priceOf(listed.instrument, price),
      q: quantityOf(listed.instrument, quantity),
      T: msOf(at),
      m: side === 'sell',
      M: true,
    }
  }

  /** The candle that forms once a second, and each one that has closed. */
  #candles(listed: SimulatedInstrument, name: string, interval: Micros, send: Send): Subscription {
    const { tape, market } = this.#context
    let forming: Micros | null = null
    return every(SECOND, () => {
      for (const candle of tape.candles(listed, interval, market.now).slice(-2)) {
        const isClosed = candle.openAt + interval <= market.now
        if (isClosed && candle.openAt !== forming) continue
        forming = isClosed ? null : candle.openAt
        const one = candleInfo(this.#context, listed, candle, interval)
        send(
          {
            e: 'kline',
            E: this.#ms(),
            s: listed.symbol,
            k: {
              t: one.openTime,
              T: one.closeTime,
              s: listed.symbol,
              i: name,
              f: one.first,
              L: one.last,
              o: one.open,
              c: one.close,
              h: one.high,
              l: one.low,
              v: one.volume,
              n: one.count,
              x: isClosed,
              q: one.quote,
              V: one.takerBase,
              Q: one.takerQuote,
              B: '0',
            },
          },
          'other',
        )
      }
    })
  }

  #dayTicker(listed: SimulatedInstrument) {
    const day = dayOf(this.#context, listed)
    return {
      e: '24hrTicker',
      E: this.#ms(),
      s: listed.symbol,
      p: day.priceChange,
      P: day.priceChangePercent,
      w: day.weightedAvgPrice,
      x: day.prevClosePrice,
      c: day.lastPrice,
      Q: day.lastQty,
      b: day.bidPrice,
      B: day.bidQty,
      a: day.askPrice,
      A: day.askQty,
      o: day.openPrice,
      h: day.highPrice,
      l: day.lowPrice,
      v: day.volume,
      q: day.quoteVolume,
      O: day.openTime,
      C: day.closeTime,
      F: day.firstId,
      L: day.lastId,
      n: day.count,
    }
  }

  #miniTicker(listed: SimulatedInstrument) {
    const { lastPrice, openPrice, highPrice, lowPrice, volume, quoteVolume } = dayOf(this.#context, listed)
    return {
      e: '24hrMiniTicker',
      E: this.#ms(),
      s: listed.symbol,
      c: lastPrice,
      o: openPrice,
      h: highPrice,
      l: lowPrice,
      v: volume,
      q: quoteVolume,
    }
  }

  #ms(): number {
    return msOf(this.#context.now())
  }

  #reply(id: string | number | null, result: unknown): void {
    this.#socket.send(JSON.stringify({ result, id }), 'other')
  }

  #refuse(id: string | number | null, code: number, msg: string): void {
    this.#socket.send(json({ error: { code, msg }, id }).body, 'other')
  }
}

type Send = (data: object, channel: ChannelName) => void
