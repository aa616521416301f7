import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/**
 * Prices have five significant digits (https://docs.bitfinex.com/docs/introduction#price-precision), so the tick follows the
 * price; here each pair has the one of its first price. Amounts have eight decimals.
 */
const pair = (base: string, tick: string, quantityMin: string, quantityMax: string): SimulatedInstrument =>
  listInstrument({
    venue: 'bitfinex',
    pair: `${base}/USD`,
    symbol: base.length > 3 ? `t${base}:USD` : `t${base}USD`,
    tick,
    lot: '0.00000001',
    quantityMin,
    quantityMax,
    makerPpm: 1_000,
    takerPpm: 2_000,
  })

export const BITFINEX_PAIRS: readonly SimulatedInstrument[] = [
  pair('BTC', '1', '0.00004', '2000'),
  pair('ETH', '0.1', '0.0008', '5000'),
  pair('XRP', '0.0001', '4', '50000000'),
  pair('DOGE', '0.00001', '22', '80000000'),
]

export const pairNamed = bySymbol(BITFINEX_PAIRS)
