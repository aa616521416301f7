import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** "basePrecision", "tickSize" and "minOrderAmt" of https://bybit-exchange.github.io/docs/v5/market/instrument */
const symbol = (
  base: string,
  tick: string,
  lot: string,
  quantityMin: string,
  quantityMax: string,
): SimulatedInstrument =>
  listInstrument({
    venue: 'bybit',
    pair: `${base}/USDT`,
    symbol: `${base}USDT`,
    tick,
    lot,
    quantityMin,
    quantityMax,
    notionalMin: '5',
    makerPpm: 1_000,
    takerPpm: 1_000,
  })

export const BYBIT_SYMBOLS: readonly SimulatedInstrument[] = [
  symbol('BTC', '0.1', '0.000001', '0.000011', '800'),
  symbol('ETH', '0.01', '0.00001', '0.00031', '12000'),
  symbol('XRP', '0.0001', '0.01', '0.64', '20000000'),
  symbol('DOGE', '0.00001', '0.1', '2.3', '60000000'),
]

export const symbolNamed = bySymbol(BYBIT_SYMBOLS)
