import { formatDecimal } from '../../../src/kernel/index.ts'
import { ASSET_SCALE, bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** A product as Coinbase lists it: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products/list-products */
const product = (base: string, name: string, tick: string, lot: string): SimulatedInstrument & { name: string } => ({
  ...listInstrument({
    venue: 'coinbase',
    pair: `${base}/USD`,
    symbol: `${base}-USD`,
    tick,
    lot,
    quantityMin: lot,
    notionalMin: '1',
    makerPpm: 4_000,
    takerPpm: 6_000,
  }),
  name,
})

export const COINBASE_PRODUCTS = [
  product('BTC', 'Bitcoin', '0.01', '0.00000001'),
  product('ETH', 'Ethereum', '0.01', '0.00000001'),
  product('XRP', 'XRP', '0.0001', '0.000001'),
  product('DOGE', 'Dogecoin', '0.00001', '0.1'),
] as const

export const productNamed = bySymbol(COINBASE_PRODUCTS)

/** Money with as many decimals as it needs, and eight at most: what is finer is not shown. */
const SHOWN_SCALE = 8
export const moneyOf = (units: bigint): string => {
  const text = formatDecimal(units / 10n ** BigInt(ASSET_SCALE - SHOWN_SCALE), SHOWN_SCALE)
  return text.replace(/\.?0+$/, '')
}

/** Coinbase writes microseconds. */
export const iso = (at: number): string =>
  `${new Date(Math.floor(at / 1_000)).toISOString().slice(0, -1)}${String(at % 1_000).padStart(3, '0')}Z`
