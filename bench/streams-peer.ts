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
  gunzip: boolean
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
      client.gunzip = material.isPacked
      for (const { pair, symbol } of material.instruments) subscribe(venue, handler, client, pair, symbol!)
      for (const frame of material.opening) client.onMessage({ data: frame })
      for (const { symbol, body } of material.snapshots) {
        const { pair } = material.instruments.find(one => one.symbol === symbol)!
        const parsed = JSON.parse(body)
        const snapshot = handler.parseOrderBook(parsed.data ?? parsed, pair)
        snapshot.nonce = Number(parsed.lastUpdateId ?? parsed.data.sequence)
        handler.orderbooks[pair]!.reset(snapshot)
      }
      return frame => client.onMessage({ data: frame })
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

/** What ccxt has noted down when a client has asked for the book. */
function subscribe(venue: VenueName, handler: Handler, client: Client, pair: string, symbol: string): void {
  if (venue === 'okx') client.subscriptions[`books:${pair}`] = true
  if (venue === 'binance' || venue === 'kucoin') handler.orderbooks[pair] = handler.orderBook({}, 1_000)
  if (venue === 'htx') {
    const messageHash = `market.${symbol}.mbp.150`
    handler.orderbooks[pair] = handler.orderBook({}, 150)
    client.subscriptions['2'] = { symbol: pair, messageHash, limit: 150, id: '2' }
  }
}
