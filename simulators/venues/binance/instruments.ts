import { defineInstrument } from '../../../src/kernel/index.ts'
import { type SimulatedInstrument, unitsOf } from '../core/index.ts'

/** "LOT_SIZE", "PRICE_FILTER" and "NOTIONAL" of https://developers.binance.com/docs/binance-spot-api-docs/filters */
const symbol = (
  base: string,
  tick: string,
  lot: string,
  quantityMax: string,
  notionalMin: string,
): SimulatedInstrument => ({
  instrument: defineInstrument({
    venue: 'binance',
    pair: `${base}/USDT`,
    symbol: `${base}USDT`,
    tick,
    lot,
    quantityMin: lot,
    quantityMax,
    notionalMin,
  }),
  symbol: `${base}USDT`,
  notionalMin: unitsOf(notionalMin),
  makerPpm: 1_000,
  takerPpm: 1_000,
})

export const BINANCE_SYMBOLS: readonly SimulatedInstrument[] = [
  symbol('BTC', '0.01', '0.00001', '9000', '5'),
  symbol('ETH', '0.01', '0.0001', '9000', '5'),
  symbol('XRP', '0.0001', '0.1', '9222449', '5'),
  symbol('DOGE', '0.00001', '1', '9000000', '1'),
]

export const symbolNamed = (name: string | null): SimulatedInstrument | undefined =>
  BINANCE_SYMBOLS.find(one => one.symbol === name)
