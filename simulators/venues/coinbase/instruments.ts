import { defineInstrument } from '../../../src/kernel/index.ts'
import { type SimulatedInstrument, unitsOf } from '../core/index.ts'

/** Smallest order in the quote asset, as `quote_min_size` says. */
export const QUOTE_MIN = '1'

/** A product as Coinbase lists it: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products/list-products */
const product = (pair: string, tick: string, lot: string): SimulatedInstrument => {
  const symbol = pair.replace('/', '-')
  return {
    instrument: defineInstrument({ venue: 'coinbase', pair, symbol, tick, lot, notionalMin: QUOTE_MIN }),
    symbol,
    notionalMin: unitsOf(QUOTE_MIN),
    makerPpm: 4_000,
    takerPpm: 6_000,
  }
}

export const COINBASE_PRODUCTS: readonly SimulatedInstrument[] = [
  product('BTC/USD', '0.01', '0.00000001'),
  product('ETH/USD', '0.01', '0.00000001'),
  product('XRP/USD', '0.0001', '0.000001'),
  product('DOGE/USD', '0.00001', '0.1'),
]

export const COINBASE_ASSETS = [
  { asset: 'USD', name: 'US Dollar' },
  { asset: 'BTC', name: 'Bitcoin' },
  { asset: 'ETH', name: 'Ethereum' },
  { asset: 'XRP', name: 'XRP' },
  { asset: 'DOGE', name: 'Dogecoin' },
] as const

export const productNamed = (symbol: string | null | undefined): SimulatedInstrument | undefined =>
  COINBASE_PRODUCTS.find(one => one.symbol === symbol)
