import { crc32, gzipSync } from 'node:zlib'
import { defineInstrument, formatDecimal, type Instrument, type Side, trimDecimal } from '../../kernel/index.ts'
import type { VenueName } from '../port/index.ts'

/**
 * The book side of each venue's public socket for one instrument, written apart from the decoders and naively: a map,
 * sorted anew for every checksum. It answers what a client sends and turns changes into frames.
 */
export type Frame = string | Uint8Array
export type Change = readonly [side: Side, price: number, quantity: number]

/** What clients send, of all venues. */
interface Sent {
  readonly id?: unknown
  readonly type?: string
  readonly channel?: string
  readonly method?: string
  readonly params?: { readonly channel?: string }
  readonly event?: string
  readonly symbol?: string
  readonly chanId?: number
  readonly sub?: string
  readonly req?: string
  readonly op?: string
  readonly args?: readonly unknown[]
}

interface Dialect {
  readonly instrument: Instrument
  /** What the venue says as soon as the socket is open. */
  greet?(): Frame[]
  answer(message: Sent, venue: FakeWire): Frame[]
  snapshot?(venue: FakeWire): string
  change(changes: readonly Change[], venue: FakeWire): Frame
}

export class FakeWire {
  readonly instrument: Instrument
  /** Of the last change. */
  sequence = 1_000
  /** Of the last message, where a venue numbers those. */
  messages = 0
  readonly #dialect: Dialect
  readonly #levels = { buy: new Map<number, number>(), sell: new Map<number, number>() }

  constructor(venue: VenueName) {
    this.#dialect = DIALECTS[venue]
    this.instrument = this.#dialect.instrument
  }

  greet(): Frame[] {
    return this.#dialect.greet?.() ?? []
  }

  answer(sent: string): Frame[] {
    return sent.startsWith('{') ? this.#dialect.answer(JSON.parse(sent), this) : []
  }

  /** What the venue's REST gives. */
  snapshot(): string {
    return this.#dialect.snapshot!(this)
  }

  change(changes: readonly Change[]): Frame {
    for (const [side, price, quantity] of changes)
      if (quantity === 0) this.#levels[side].delete(price)
      else this.#levels[side].set(price, quantity)
    this.sequence += 1
    return this.#dialect.change(changes, this)
  }

  /** Best first, in ticks and lots. */
  levels(side: Side): [price: number, quantity: number][] {
    return [...this.#levels[side]].sort(([a], [b]) => (side === 'buy' ? b - a : a - b))
  }

  price(ticks: number): string {
    return formatDecimal(BigInt(ticks), this.instrument.priceScale)
  }

  quantity(lots: number): string {
    return formatDecimal(BigInt(lots), this.instrument.quantityScale)
  }

  /** The levels of a side as pairs of text. */
  texts(side: Side): [string, string][] {
    return this.levels(side).map(([price, quantity]) => [this.price(price), this.quantity(quantity)])
  }

  only(side: Side, changes: readonly Change[]): [string, string][] {
    return changes.filter(one => one[0] === side).map(([, price, lots]) => [this.price(price), this.quantity(lots)])
  }
}

const json = JSON.stringify
const pack = (message: unknown) => new Uint8Array(gzipSync(json(message)))
/** Pairs of text as JSON arrays of bare numbers, trailing zeros and all. */
const numbers = (pairs: readonly [string, string][]) => `[${pairs.map(pair => `[${pair.join(',')}]`).join(',')}]`
const instrument = (venue: VenueName, pair: string, symbol: string) =>
  defineInstrument({ venue, pair, symbol, tick: '0.0001', lot: '0.01' })

/** Bids and asks in turn, as OKX and Bitfinex sum them. */
function interleaved(bids: readonly string[], asks: readonly string[]): number {
  const parts: string[] = []
  for (let i = 0; i < 25; i++) parts.push(...[bids[i], asks[i]].filter(part => part !== undefined))
  return crc32(parts.join(':')) | 0
}

const trimmed = (pairs: readonly [string, string][]) => pairs.map(pair => pair.map(trimDecimal) as [string, string])

const krakenSide = (pairs: readonly [string, string][]) =>
  `[${pairs.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(',')}]`
const krakenDigits = (pairs: readonly [string, string][]) =>
  pairs
    .slice(0, 10)
    .flat()
    .map(text => text.replace('.', '').replace(/^0+/, ''))
    .join('')
const krakenBook = (type: string, bids: [string, string][], asks: [string, string][], venue: FakeWire): string => {
  const checksum = crc32(krakenDigits(venue.texts('sell')) + krakenDigits(venue.texts('buy')))
  const data = `"symbol":"XRP/USD","bids":${krakenSide(bids)},"asks":${krakenSide(asks)},"checksum":${checksum}`
  return `{"channel":"book","type":"${type}","data":[{${data},"timestamp":"2026-11-20T10:00:00.000000Z"}]}`
}

const okxBook = (action: string, bids: [string, string][], asks: [string, string][], venue: FakeWire): string => {
  const rows = (pairs: [string, string][]) => trimmed(pairs).map(([price, size]) => [price, size, '0', '1'])
  const sums = (side: Side) => trimmed(venue.texts(side)).map(pair => pair.join(':'))
  const checksum = interleaved(sums('buy'), sums('sell'))
  const prevSeqId = action === 'snapshot' ? -1 : venue.sequence - 1
  const data = { asks: rows(asks), bids: rows(bids), ts: '1597026383085', checksum, prevSeqId, seqId: venue.sequence }
  return json({ arg: { channel: 'books', instId: 'XRP-USDT' }, action, data: [data] })
}

const coinbaseFrame = (channel: string, events: unknown[], venue: FakeWire): string => {
  const sequence_num = venue.messages
  venue.messages += 1
  return json({ channel, client_id: '', timestamp: '2026-11-20T10:00:00.000000Z', sequence_num, events })
}
const coinbaseBook = (type: string, bids: [string, string][], asks: [string, string][], venue: FakeWire): string => {
  const row =
    (side: string) =>
    ([price_level, new_quantity]: [string, string]) => ({ side, event_time: 't', price_level, new_quantity })
  const updates = [...bids.map(row('bid')), ...asks.map(row('offer'))]
  return coinbaseFrame('l2_data', [{ type, product_id: 'XRP-USD', updates }], venue)
}

const bitfinexFrame = (told: string, venue: FakeWire): string => {
  venue.messages += 1
  return `[42,${told},${venue.messages}]`
}

const DIALECTS: Readonly<Record<VenueName, Dialect>> = {
  binance: {
    instrument: instrument('binance', 'XRP/USDT', 'XRPUSDT'),
    answer: ({ id }) => [json({ result: null, id })],
    snapshot: venue => json({ lastUpdateId: venue.sequence, bids: venue.texts('buy'), asks: venue.texts('sell') }),
    change: (changes, venue) =>
      json({
        stream: 'xrpusdt@depth@100ms',
        data: {
          e: 'depthUpdate',
          E: 1,
          s: 'XRPUSDT',
          U: venue.sequence,
          u: venue.sequence,
          b: venue.only('buy', changes),
          a: venue.only('sell', changes),
        },
      }),
  },
  coinbase: {
    instrument: instrument('coinbase', 'XRP/USD', 'XRP-USD'),
    answer: ({ type, channel }, venue) => [
      coinbaseFrame('subscriptions', [], venue),
      ...(type === 'subscribe' && channel === 'level2'
        ? [coinbaseBook('snapshot', venue.texts('buy'), venue.texts('sell'), venue)]
        : []),
    ],
    change: (changes, venue) => coinbaseBook('update', venue.only('buy', changes), venue.only('sell', changes), venue),
  },
  kraken: {
    instrument: instrument('kraken', 'XRP/USD', 'XXRPZUSD'),
    answer: ({ method, params }, venue) =>
      method === 'subscribe' && params?.channel === 'book'
        ? [
            json({ method, success: true, result: params }),
            krakenBook('snapshot', venue.texts('buy'), venue.texts('sell'), venue),
          ]
        : [],
    change: (changes, venue) => krakenBook('update', venue.only('buy', changes), venue.only('sell', changes), venue),
  },
  bitfinex: {
    instrument: instrument('bitfinex', 'XRP/USD', 'tXRPUSD'),
    answer({ event, channel, symbol, chanId }, venue) {
      if (event === 'unsubscribe') return [json({ event: 'unsubscribed', status: 'OK', chanId })]
      if (event !== 'subscribe' || channel !== 'book') return []
      const row = (sign: string) => (pair: [string, string]) => `[${pair[0]},1,${sign}${pair[1]}]`
      const levels = [...venue.texts('buy').map(row('')), ...venue.texts('sell').map(row('-'))]
      return [json({ event: 'subscribed', channel, chanId: 42, symbol }), bitfinexFrame(`[${levels.join(',')}]`, venue)]
    },
    /** One level a message: of more changes the frame holds the first. */
    change([change], venue) {
      const [side, price, lots] = change!
      const sign = side === 'buy' ? '' : '-'
      const entry = lots === 0 ? `[${venue.price(price)},0,${sign}1]` : undefined
      return bitfinexFrame(entry ?? `[${venue.price(price)},1,${sign}${venue.quantity(lots)}]`, venue)
    },
  },
  htx: {
    instrument: instrument('htx', 'XRP/USDT', 'xrpusdt'),
    answer({ sub, req, id }, venue) {
      if (sub !== undefined) return [pack({ id, status: 'ok', subbed: sub, ts: 1 })]
      if (req === undefined) return []
      const data = `{"seqNum":${venue.sequence},"bids":${numbers(venue.texts('buy'))},"asks":${numbers(venue.texts('sell'))}}`
      return [new Uint8Array(gzipSync(`{"id":"${id}","rep":"${req}","status":"ok","data":${data}}`))]
    },
    change(changes, venue) {
      const [bids, asks] = [numbers(venue.only('buy', changes)), numbers(venue.only('sell', changes))]
      const tick = `{"seqNum":${venue.sequence},"prevSeqNum":${venue.sequence - 1},"bids":${bids},"asks":${asks}}`
      return new Uint8Array(gzipSync(`{"ch":"market.xrpusdt.mbp.150","ts":1,"tick":${tick}}`))
    },
  },
  okx: {
    instrument: instrument('okx', 'XRP/USDT', 'XRP-USDT'),
    answer({ op, args }, venue) {
      const asks = (args as { channel: string }[] | undefined)?.some(({ channel }) => channel === 'books')
      return op === 'subscribe' && asks ? [okxBook('snapshot', venue.texts('buy'), venue.texts('sell'), venue)] : []
    },
    change: (changes, venue) => okxBook('update', venue.only('buy', changes), venue.only('sell', changes), venue),
  },
  bybit: {
    instrument: instrument('bybit', 'XRP/USDT', 'XRPUSDT'),
    answer({ op, args }, venue) {
      const isBook = args?.includes('orderbook.50.XRPUSDT')
      if (op !== 'subscribe' || !isBook) return []
      const data = { s: 'XRPUSDT', b: venue.texts('buy'), a: venue.texts('sell'), u: venue.sequence, seq: 1 }
      return [json({ topic: 'orderbook.50.XRPUSDT', type: 'snapshot', ts: 1, data })]
    },
    change(changes, venue) {
      const [b, a] = [venue.only('buy', changes), venue.only('sell', changes)]
      const data = { s: 'XRPUSDT', b, a, u: venue.sequence, seq: 1 }
      return json({ topic: 'orderbook.50.XRPUSDT', type: 'delta', ts: 1, data })
    },
  },
  kucoin: {
    instrument: instrument('kucoin', 'XRP/USDT', 'XRP-USDT'),
    greet: () => [json({ id: 'a', type: 'welcome' })],
    answer: ({ id, type }) => (type === 'subscribe' ? [json({ id, type: 'ack' })] : []),
    snapshot: venue =>
      json({
        code: '200000',
        data: { time: 1, sequence: String(venue.sequence), bids: venue.texts('buy'), asks: venue.texts('sell') },
      }),
    change(changes, venue) {
      const numbered = (pairs: [string, string][]) => pairs.map(pair => [...pair, String(venue.sequence)])
      return json({
        type: 'message',
        topic: '/market/level2:XRP-USDT',
        subject: 'trade.l2update',
        data: {
          symbol: 'XRP-USDT',
          sequenceStart: venue.sequence,
          sequenceEnd: venue.sequence,
          changes: {
            asks: numbered(venue.only('sell', changes)),
            bids: numbered(venue.only('buy', changes)),
          },
        },
      })
    },
  },
}
