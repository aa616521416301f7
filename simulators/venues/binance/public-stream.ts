import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type {
  ChannelName,
  ExchangeListener,
  NumberedTrade,
  SimulatedInstrument,
  VenueConnection,
  VenueContext,
  VenueSocket,
} from '../core/index.ts'
import { ms, price, quantity } from './answers.ts'
import { BINANCE_SYMBOLS } from './instruments.ts'
import { type BinanceMarket, BOOK_LEVELS, firstUpdateId, INTERVALS, lastUpdateId, rows } from './market-data.ts'

/** Streams of market data: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */

const STREAMS_MAX = 1_024
/** Frames of a client in a second; past it the connection ends. */
const FRAMES_MAX = 5
const SLOW: Micros = MICROS_PER_SECOND

interface Command {
  readonly id?: number | string | null
  readonly method?: string
  readonly params?: readonly unknown[]
}

export class BinancePublicStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #market: BinanceMarket
  readonly #isCombined: boolean
  readonly #ends = new Map<string, () => void>()
  /** What is told at most once a second, by stream. */
  readonly #waiting = new Map<string, () => void>()
  #slowAt: Micros
  #second: Micros = 0
  #frames = 0

  constructor(
    context: VenueContext,
    socket: VenueSocket,
    market: BinanceMarket,
    address: { readonly path: string; readonly query: URLSearchParams },
  ) {
    this.#context = context
    this.#socket = socket
    this.#market = market
    this.#isCombined = address.path.startsWith('/stream')
    this.#slowAt = context.now()
    const names = this.#isCombined
      ? (address.query.get('streams') ?? '').split('/')
      : [address.path.replace(/^\/ws\/?/, '')]
    for (const name of names) if (name.includes('@')) this.#subscribe(name)
  }

  onFrame(frame: string): void {
    if (this.#isTooFast()) {
      this.#socket.close('Too many requests')
      return
    }
    const command = parse(frame)
    if (command === null) {
      this.#fail(null, 3, 'Invalid JSON: expected value at line 1 column 1')
      return
    }
    const { id = null, method, params = [] } = command
    if (method === 'LIST_SUBSCRIPTIONS') {
      this.#say({ result: [...this.#ends.keys()], id })
      return
    }
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') {
      this.#fail(id, 2, `Invalid request: unknown variant \`${String(method)}\``)
      return
    }
    const names = params.map(String)
    if (method === 'SUBSCRIBE' && this.#ends.size + names.length > STREAMS_MAX) {
      this.#fail(id, 2, `Invalid request: more than ${STREAMS_MAX} streams`)
      return
    }
    // Streams that do not exist are acknowledged like others, and stay silent.
    this.#say({ result: null, id })
    for (const name of names)
      if (method === 'SUBSCRIBE') this.#subscribe(name)
      else this.#unsubscribe(name)
  }

  onTick(at: Micros): void {
    if (at - this.#slowAt < SLOW) return
    this.#slowAt = at
    for (const [name, tell] of [...this.#waiting]) {
      this.#waiting.delete(name)
      tell()
    }
  }

  onClose(): void {
    for (const end of this.#ends.values()) end()
    this.#ends.clear()
    this.#waiting.clear()
  }

  #isTooFast(): boolean {
    const second = Math.floor(this.#context.now() / MICROS_PER_SECOND)
    if (second !== this.#second) {
      this.#second = second
      this.#frames = 0
    }
    this.#frames += 1
    return this.#frames > FRAMES_MAX
  }

  #subscribe(name: string): void {
    if (this.#ends.has(name)) return
    const [symbol = '', channel = ''] = name.split(/@(.*)/)
    const listed = BINANCE_SYMBOLS.find(one => one.symbol.toLowerCase() === symbol)
    this.#ends.set(name, listed === undefined ? () => {} : this.#open(name, listed, channel))
  }

  #unsubscribe(name: string): void {
    this.#ends.get(name)?.()
    this.#ends.delete(name)
    this.#waiting.delete(name)
  }

  #open(name: string, listed: SimulatedInstrument, channel: string): () => void {
    const { exchange } = this.#context
    const onTrade = (tell: (trade: NumberedTrade) => void) =>
      exchange.listen({ ...silent, onTrade: (instrument, trade) => instrument === listed && tell(trade) })
    const send = (as: ChannelName, data: unknown) => this.#send(name, as, data)
    switch (channel) {
      case 'depth@100ms':
        return this.#depth(name, listed)
      case 'trade':
        return onTrade(trade => send('trades', tradeEvent(listed, trade)))
      case 'aggTrade':
        return onTrade(trade => send('trades', aggregateEvent(listed, trade)))
      case 'bookTicker':
        return this.#bookTicker(name, listed)
      case 'ticker':
        return onTrade(() => this.#waiting.set(name, () => send('ticker', this.#dayTicker(listed))))
    }
    const interval = /^kline_(.+)$/.exec(channel)?.[1] ?? ''
    if (INTERVALS[interval] === undefined) return () => {}
    return onTrade(() => this.#waiting.set(name, () => send('other', this.#kline(listed, interval))))
  }

  #depth(name: string, listed: SimulatedInstrument): () => void {
    return this.#context.feed(BOOK_LEVELS).listen(listed, ({ at, sequence, bids, asks }) =>
      this.#send(name, 'book', {
        e: 'depthUpdate',
        E: ms(at),
        s: listed.symbol,
        U: firstUpdateId(sequence),
        u: lastUpdateId(sequence),
        b: rows(listed, bids),
        a: rows(listed, asks),
      }),
    )
  }

  /** Told when a best price or its quantity has changed. */
  #bookTicker(name: string, listed: SimulatedInstrument): () => void {
    let before = ''
    return this.#context.feed(BOOK_LEVELS).listen(listed, ({ sequence }) => {
      const { bidPrice: b, bidQty: B, askPrice: a, askQty: A } = this.#market.bookTicker(listed)
      const now = [b, B, a, A].join()
      if (now === before) return
      before = now
      this.#send(name, 'ticker', { u: lastUpdateId(sequence), s: listed.symbol, b, B, a, A })
    })
  }

  #dayTicker(listed: SimulatedInstrument) {
    const day = this.#market.dayTicker(listed)
    return {
      e: '24hrTicker',
      E: ms(this.#context.now()),
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

  #kline(listed: SimulatedInstrument, interval: string) {
    const [t, o, h, l, c, v, T, q, n, V, Q] = this.#market.klineRow(listed, interval)
    return {
      e: 'kline',
      E: ms(this.#context.now()),
      s: listed.symbol,
      k: { t, T, s: listed.symbol, i: interval, f: -1, L: -1, o, c, h, l, v, n, x: false, q, V, Q, B: '0' },
    }
  }

  #send(name: string, as: ChannelName, data: unknown): void {
    this.#socket.send(JSON.stringify(this.#isCombined ? { stream: name, data } : data), as)
  }

  #say(answer: object): void {
    this.#socket.send(JSON.stringify(answer), 'other')
  }

  #fail(id: Command['id'], code: number, msg: string): void {
    this.#say({ error: { code, msg }, id })
  }
}

export const silent: ExchangeListener = { onOrder() {}, onFill() {}, onBalance() {}, onTrade() {} }

/** The object in a frame; null when it is none. */
export function parse<T = Command>(frame: string): T | null {
  try {
    const value: unknown = JSON.parse(frame)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : null
  } catch {
    return null
  }
}

const tradeEvent = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  e: 'trade',
  E: ms(trade.at),
  s: listed.symbol,
  t: trade.number,
  p: price(listed, trade.price),
  q: quantity(listed, trade.quantity),
  T: ms(trade.at),
  m: trade.side === 'sell',
  M: true,
})

const aggregateEvent = (listed: SimulatedInstrument, trade: NumberedTrade) => ({
  e: 'aggTrade',
  E: ms(trade.at),
  s: listed.symbol,
  a: trade.number,
  p: price(listed, trade.price),
  q: quantity(listed, trade.quantity),
  f: trade.number,
  l: trade.number,
  T: ms(trade.at),
  m: trade.side === 'sell',
  M: true,
})
