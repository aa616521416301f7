import { gunzipSync } from 'node:zlib'
import { pro } from 'ccxt'
import { priceText } from '../src/kernel/index.ts'
import type { VenueName } from '../src/venues/index.ts'
import type { Material } from './streams-material.ts'

/** ccxt's handler of one venue: a feed for a pass, and where its first book ends. */
export interface Peer {
  readonly prepare: () => (frame: Uint8Array) => void
  readonly best: () => [bid: number, ask: number]
}

/** What is used of ccxt's classes that its types leave out. */
interface Handler {
  options: Record<string, unknown>
  orderbooks: Record<string, Book>
  setMarkets(markets: unknown[]): void
  client(url: string): Client
  orderBook(snapshot?: object, depth?: number): Book
  parseOrderBook(book: unknown, symbol: string, at?: number, bids?: string, asks?: string): { nonce?: number }
}

interface Client {
  subscriptions: Record<string, unknown>
  onMessage(event: { data: unknown }): void
}

interface Book {
  bids: number[][]
  asks: number[][]
  reset(snapshot: object): void
}

const URLS: Partial<Record<VenueName, string>> = {
  bybit: 'wss://stream.bybit.com/v5/public/spot',
  binance: 'wss://stream.binance.com:9443/ws/1',
  kraken: 'wss://ws.kraken.com/v2',
}

export async function peerOf(venue: VenueName, material: Material): Promise<Peer> {
  let handler: Handler
  const first = material.instruments[0]!
  return {
    prepare() {
      handler = new pro[venue]() as unknown as Handler
      handler.setMarkets(material.instruments.map(marketOf))
      const client = handler.client(URLS[venue] ?? 'wss://example.invalid/ws')
      for (const { pair } of material.instruments) subscribe(venue, handler, client, pair)
      if (venue === 'htx') reset(handler, first.pair, gunzipSync(material.opening[1]!).toString())
      else for (const frame of material.opening) client.onMessage({ data: frame })
      for (const { symbol, body } of material.snapshots)
        reset(handler, material.instruments.find(one => one.symbol === symbol)!.pair, body)
      if (!material.isPacked) return frame => client.onMessage({ data: frame })
      // ccxt's own unpacking, in JavaScript, cannot be loaded through tsx: it is given Node's, which is faster.
      return frame => client.onMessage({ data: gunzipSync(frame).toString() })
    },
    best: () => [handler.orderbooks[first.pair]!.bids[0]![0]!, handler.orderbooks[first.pair]!.asks[0]![0]!],
  }

  function marketOf(instrument: Material['instruments'][number]) {
    const { pair, symbol, base, quote } = instrument
    const precision = { price: Number(priceText(instrument, 1)), amount: 1e-8 }
    const kind = { type: 'spot', spot: true, swap: false, future: false, option: false, contract: false, margin: false }
    const info = { wsname: pair }
    return {
      id: symbol,
      lowercaseId: symbol!.toLowerCase(),
      symbol: pair,
      base,
      quote,
      precision,
      limits: {},
      info,
      ...kind,
    }
  }
}

/** What ccxt does once a snapshot is there; its own way to it asks the network. */
function reset(handler: Handler, pair: string, body: string): void {
  const parsed = JSON.parse(body)
  const levels = parsed.data ?? parsed
  const snapshot = handler.parseOrderBook(levels, pair)
  snapshot.nonce = Number(levels.lastUpdateId ?? levels.sequence ?? levels.seqNum)
  handler.orderbooks[pair]!.reset(snapshot)
}

/** What ccxt has noted down when a client has asked for the book. */
function subscribe(venue: VenueName, handler: Handler, client: Client, pair: string): void {
  if (venue === 'okx') client.subscriptions[`books:${pair}`] = true
  if (venue === 'binance' || venue === 'kucoin') handler.orderbooks[pair] = handler.orderBook({}, 1_000)
  if (venue === 'htx') handler.orderbooks[pair] = handler.orderBook({}, 150)
}
