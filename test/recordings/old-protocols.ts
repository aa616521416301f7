import { crc32, gunzipSync } from 'node:zlib'
import {
  defineInstrument,
  type Instrument,
  readSteps,
  readStepsOfNumber,
  readStepsOfNumberDown,
} from '../../src/kernel/index.ts'
import { L2Book } from '../../src/market/index.ts'

/**
 * Protocols that venues spoke when the recordings were made and do not speak any more. They are decoded here alone, so
 * that the recordings still say something of the book and of the numbers; the product knows nothing of them.
 */

/** What the session asks version 2 for; these recordings hold a thousand levels. */
const DEPTH = 100

type Pair = readonly [price: string, quantity: string, ...unknown[]]

const decimals = (text: string) => text.split('.')[1]?.length ?? 0
const stepOf = (count: number) => (count === 0 ? '1' : `0.${'0'.repeat(count - 1)}1`)

/** Frames of Kraken's version 1, told as those of version 2: levels and checksums are the same, names and shape are not. */
export class KrakenVersion1 {
  /** By pair; known once its first snapshot was seen. */
  readonly instruments = new Map<string, Instrument>()
  updates = 0

  /** Undefined for what is no book. */
  translate(frame: string): string | undefined {
    const message = JSON.parse(frame)
    if (!Array.isArray(message) || !String(message.at(-2)).startsWith('book')) return undefined
    const symbol = String(message.at(-1))
    const parts = Object.assign({}, ...message.slice(1, -2)) as Record<string, Pair[]> & { c?: string }
    if (parts.as !== undefined) {
      const [as, bs] = [parts.as, parts.bs as Pair[]].map(levels => levels.slice(0, DEPTH)) as [Pair[], Pair[]]
      const [price, quantity] = as[0] ?? bs[0]!
      const [tick, lot] = [stepOf(decimals(price)), stepOf(decimals(quantity))]
      this.instruments.set(symbol, defineInstrument({ venue: 'kraken', pair: symbol, tick, lot }))
      return told('snapshot', symbol, bs, as, crc32(digits(as) + digits(bs)))
    }
    this.updates += 1
    return told('update', symbol, parts.b ?? [], parts.a ?? [], Number(parts.c))
  }
}

/** Version 1 sums nothing up in a snapshot: here it is done as the published rule says, over the text as it came. */
const digits = (levels: readonly Pair[]) =>
  levels
    .slice(0, 10)
    .map(([price, quantity]) => [price, quantity].map(text => text.replace('.', '').replace(/^0+/, '')).join(''))
    .join('')

function told(type: string, symbol: string, bids: readonly Pair[], asks: readonly Pair[], checksum: number): string {
  const side = (levels: readonly Pair[]) =>
    `[${levels.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(',')}]`
  const data = `"symbol":"${symbol}","bids":${side(bids)},"asks":${side(asks)},"checksum":${checksum}`
  return `{"channel":"book","type":"${type}","data":[{${data},"timestamp":"2021-04-17T16:48:54.000000Z"}]}`
}

/** Books by symbol, at a scale that holds every decimal of these recordings. */
class Books {
  readonly books = new Map<string, L2Book>()
  updates = 0

  protected of(symbol: string): L2Book {
    let book = this.books.get(symbol)
    if (book === undefined) {
      book = new L2Book()
      this.books.set(symbol, book)
    }
    return book
  }

  protected commit(book: L2Book): void {
    this.updates += 1
    book.commit(this.updates, 0)
  }
}

const SCALE = 8
const LOT = '0.00000001'

interface CoinbaseMessage {
  readonly type: string
  readonly product_id: string
  readonly bids: readonly Pair[]
  readonly asks: readonly Pair[]
  readonly changes: readonly (readonly [side: 'buy' | 'sell', price: string, size: string])[]
}

/** Coinbase's feed of before Advanced Trade, `snapshot` and `l2update`, told as Advanced Trade's: the levels are the same. */
export class OldCoinbase {
  /** By product; known once its snapshot was seen. */
  readonly instruments = new Map<string, Instrument>()
  #sequence = 0

  /** Undefined for what is no book. */
  translate(frame: string): string | undefined {
    const message = JSON.parse(frame) as CoinbaseMessage
    const { type, product_id } = message
    if (type !== 'snapshot' && type !== 'l2update') return undefined
    if (type === 'snapshot') {
      const [price] = message.bids[0]!
      const tick = stepOf(decimals(price))
      const pair = product_id.replace('-', '/')
      this.instruments.set(
        product_id,
        defineInstrument({ venue: 'coinbase', pair, symbol: product_id, tick, lot: LOT }),
      )
    }
    const event_time = '2021-04-17T16:43:37.075687Z'
    const told = (side: string, price_level: string, new_quantity: string) => ({
      side,
      event_time,
      price_level,
      new_quantity,
    })
    const updates =
      type === 'snapshot'
        ? [
            ...message.bids.map(([price, size]) => told('bid', price, size)),
            ...message.asks.map(([price, size]) => told('offer', price, size)),
          ]
        : message.changes.map(([side, price, size]) => told(side === 'buy' ? 'bid' : 'offer', price, size))
    const sequence_num = this.#sequence++
    const event = { type: type === 'snapshot' ? 'snapshot' : 'update', product_id, updates }
    return JSON.stringify({ channel: 'l2_data', client_id: '', timestamp: event_time, sequence_num, events: [event] })
  }
}

/** Bybit before version 5: `orderBookL2_25`, levels that are deleted, updated and inserted, with the side by name. */
export class OldBybit extends Books {
  read(frame: string): void {
    const { topic, type, data } = JSON.parse(frame)
    if (!String(topic).startsWith('orderBookL2_25.')) return
    const book = this.of(topic.split('.')[1])
    if (type === 'snapshot') book.begin()
    const levels = type === 'snapshot' ? (data.order_book ?? data) : [...data.delete, ...data.update, ...data.insert]
    for (const { price, side, size } of levels)
      book.set(side === 'Buy' ? 'buy' : 'sell', readSteps(price, SCALE, 1), readStepsOfNumber(size ?? 0, 8, 1))
    this.commit(book)
  }
}

/** HTX's `depth.step0`: a whole book every time, with quantities finer than any lot. Frames are packed as they are today. */
export class HtxStep0 extends Books {
  read(frame: Uint8Array): void {
    const { ch, tick } = JSON.parse(gunzipSync(frame).toString())
    if (!String(ch).endsWith('.depth.step0')) return
    const book = this.of(ch.split('.')[1])
    // One of them is priced in tenths of a billionth; at that scale the dearest of the others would not fit.
    const scale = ch.includes('trioeth') ? 10 : SCALE
    book.begin()
    for (const [price, size] of tick.bids)
      book.set('buy', readStepsOfNumber(price, scale, 1), readStepsOfNumberDown(size, 4, 1))
    for (const [price, size] of tick.asks)
      book.set('sell', readStepsOfNumber(price, scale, 1), readStepsOfNumberDown(size, 4, 1))
    this.commit(book)
  }
}
