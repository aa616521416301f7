import { AppError, defineInstrument, type Instrument } from '../../../kernel/index.ts'
import { decimalsOf } from './numbers.ts'

const QUOTES = ['USDT', 'USDC', 'BUSD', 'USD', 'EUR', 'GBP', 'JPY', 'BTC', 'ETH', 'BNB']
const VENUES = ['binance', 'bitfinex', 'bybit', 'coinbase', 'htx', 'kraken', 'kucoin', 'okx']
/** Kraken's own names of two assets. */
const RENAMED: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' }

/** The largest tick, as a decimal, that every one of these prices is a multiple of: `['0.25', '0.5']` → `'0.01'`. */
export function inferTick(prices: Iterable<string>): string {
  let decimals = 0
  for (const price of prices) decimals = Math.max(decimals, decimalsOf(price))
  return stepText(decimals)
}

/** `10^-decimals` as a decimal: `stepText(4) === '0.0001'`. */
const stepText = (decimals: number): string => (decimals <= 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`)

/** `XRPUSDT`, `xrp-usd` or `XBT/USD` as a pair; null when it cannot be told where one asset ends. */
function pairOf(symbol: string): string | null {
  const text = symbol.toUpperCase()
  const parts = /^([A-Z0-9]{2,12})[-_/]([A-Z0-9]{2,12})$/.exec(text)
  const quote = QUOTES.find(one => text.endsWith(one) && text.length > one.length + 1)
  const halves = parts ? [parts[1]!, parts[2]!] : quote ? [text.slice(0, -quote.length), quote] : null
  if (halves === null || !halves.every(half => /^[A-Z0-9]{2,12}$/.test(half))) return null
  return halves.map(half => RENAMED[half] ?? half).join('/')
}

/** Venue and pair as far as a file's name tells them: `kraken_XRPUSD_1h.csv.gz`, `XBTUSD_60.csv`, `XRPUSDT-1m-2025-01.csv`. */
function fromName(name: string): { venue: string | null; pair: string | null } {
  const words = name.split(/[_\-. ]/)
  const venue = words.find(word => VENUES.includes(word.toLowerCase()))?.toLowerCase() ?? null
  const pair = words.map(pairOf).find(found => found !== null) ?? null
  return { venue, pair }
}

export interface InferredFrom {
  readonly venue: string | null
  readonly pair: string | null
  readonly symbol: string | null
  readonly fileName: string | null
  readonly priceDecimals: number
  /** Of any bar, in the quote asset: the lot is chosen so that one is worth at most a hundredth of the quote's unit. */
  readonly price: number
}

/**
 * An instrument for a file that came without one. What was given wins over the file's symbol, that over its name.
 * @throws AppError `request.invalid` when nothing tells the pair
 */
export function inferInstrument(from: InferredFrom): Instrument {
  const named = fromName(from.fileName ?? '')
  const pair = from.pair ?? (from.symbol === null ? null : pairOf(from.symbol)) ?? named.pair
  if (pair === null)
    throw new AppError('request.invalid', { field: 'pair', rule: 'must be given: neither file nor name tells it' })
  const lotDecimals = Math.min(8, Math.max(0, Math.ceil(Math.log10(from.price * 100))))
  return defineInstrument({
    venue: from.venue ?? named.venue ?? 'file',
    pair,
    tick: stepText(from.priceDecimals),
    lot: stepText(lotDecimals),
  })
}
