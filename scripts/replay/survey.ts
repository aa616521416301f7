import { gunzipSync } from 'node:zlib'
import { defineInstrument, type Instrument } from '../../src/kernel/index.ts'
import type { VenueName } from '../../src/venues/index.ts'
import type { Recorded } from './recording.ts'

/** How many decimals the prices and quantities of a symbol have in a recording. */
class Decimals {
  price = 0
  quantity = 0

  see(price: unknown, quantity: unknown): void {
    this.price = Math.max(this.price, decimalsOf(price))
    this.quantity = Math.max(this.quantity, decimalsOf(quantity))
  }
}

/** Of a decimal in text, or of a number that is written with an exponent where JavaScript does so. */
function decimalsOf(value: unknown): number {
  const [digits = '', exponent = '0'] = String(value).split('e')
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent))
}

type Json = Readonly<Record<string, unknown>>
type Pairs = readonly (readonly unknown[])[]
type See = (symbol: string, pairs: Pairs | undefined) => void

/** Where a venue's frames hold levels. */
const LEVELS: Readonly<Record<VenueName, (message: Json, see: See, memory: Map<number, string>) => void>> = {
  binance(message, see) {
    const { s, b, a, p, q } = (message.data ?? message) as Json
    if (Array.isArray(b)) see(String(s), [...(b as Pairs), ...(a as Pairs)])
    else if (p !== undefined && q !== undefined) see(String(s), [[p, q]])
  },
  kucoin({ topic, data }, see) {
    if (!String(topic).startsWith('/market/level2:')) return
    const { symbol, changes } = data as { symbol: string; changes: { asks: Pairs; bids: Pairs } }
    see(symbol, [...changes.asks, ...changes.bids])
  },
  okx({ arg, data }, see) {
    const { channel, instId } = (arg ?? {}) as { channel?: string; instId: string }
    if (channel !== 'books') return
    for (const { bids, asks } of (data ?? []) as { bids: Pairs; asks: Pairs }[]) see(instId, [...bids, ...asks])
  },
  bybit({ data }, see) {
    const { s, b, a } = (data ?? {}) as { s: string; b: Pairs; a: Pairs }
    if (b !== undefined) see(s, [...b, ...a])
  },
  kraken({ channel, data }, see) {
    if (channel !== 'book') return
    for (const { symbol, bids, asks } of data as { symbol: string; bids: Json[]; asks: Json[] }[])
      see(
        symbol,
        [...bids, ...asks].map(({ price, qty }) => [price, qty]),
      )
  },
  coinbase({ channel, events }, see) {
    if (channel !== 'l2_data') return
    for (const { product_id, updates } of events as { product_id: string; updates: Json[] }[])
      see(
        product_id,
        updates.map(({ price_level, new_quantity }) => [price_level, new_quantity]),
      )
  },
  htx({ ch, rep, tick, data }, see) {
    const topic = String(ch ?? rep)
    if (!topic.endsWith('.mbp.150')) return
    const { bids, asks } = (tick ?? data) as { bids?: Pairs; asks?: Pairs }
    see(topic.split('.')[1]!, [...(bids ?? []), ...(asks ?? [])])
  },
  bitfinex(message, see, memory) {
    if (!Array.isArray(message)) {
      const { event, channel, chanId, symbol } = message as unknown as {
        event: string
        channel: string
        chanId: number
        symbol: string
      }
      if (event === 'subscribed' && channel === 'book') memory.set(chanId, symbol)
      return
    }
    const [chanId, told] = message as unknown as [number, Pairs | unknown[]]
    const symbol = memory.get(chanId)
    if (symbol === undefined || !Array.isArray(told)) return
    const entries = (Array.isArray(told[0]) ? told : [told]) as Pairs
    see(
      symbol,
      entries.map(([price, count, amount]) => [price, count === 0 ? '0' : amount]),
    )
  },
}

/** JSON numbers keep their text only here; trailing zeros count where a venue sums them. */
const asText = (text: string) => text.replace(/"(price|qty)":(-?[\d.]+)/g, '"$1":"$2"')

/** The instruments whose books a recording holds, with as many decimals as it uses. */
export function surveyInstruments(venue: VenueName, recorded: readonly Recorded[]): Instrument[] {
  const found = new Map<string, Decimals>()
  const memory = new Map<number, string>()
  const see: See = (symbol, pairs) => {
    let decimals = found.get(symbol)
    if (decimals === undefined) {
      decimals = new Decimals()
      found.set(symbol, decimals)
    }
    for (const [price, quantity] of pairs ?? []) decimals.see(price, quantity)
  }
  recorded.forEach((one, i) => {
    if (one.kind === 'snapshot') return
    try {
      const text = typeof one.frame === 'string' ? one.frame : gunzipSync(one.frame).toString('utf8')
      if (text.startsWith('{') || text.startsWith('['))
        LEVELS[venue](JSON.parse(venue === 'kraken' ? asText(text) : text), see, memory)
    } catch (cause) {
      throw new Error(`frame ${i + 1} is not what ${venue} sends: ${(cause as Error).message}`)
    }
  })
  for (const one of recorded) if (one.kind === 'snapshot') seeSnapshot(one.symbol, one.body, found)
  return [...found].map(([symbol, { price, quantity }], i) => {
    const pair = venue === 'kraken' ? symbol : `X${i}X/USD`
    return defineInstrument({ venue, pair, symbol, tick: step(price), lot: step(quantity) })
  })
}

function seeSnapshot(symbol: string | null, body: string, found: ReadonlyMap<string, Decimals>): void {
  const decimals = symbol === null ? [...found.values()][0] : found.get(symbol)
  const parsed = JSON.parse(body) as { data?: Json; bids: Pairs; asks: Pairs }
  const { bids, asks } = (parsed.data ?? parsed) as { bids: Pairs; asks: Pairs }
  for (const [price, quantity] of [...bids, ...asks]) decimals?.see(price, quantity)
}

const step = (decimals: number) => (decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`)
