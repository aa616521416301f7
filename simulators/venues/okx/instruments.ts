import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** "tickSz", "lotSz", "minSz" and "maxLmtSz" of https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments */
const listed = (
  base: string,
  tick: string,
  lot: string,
  quantityMin: string,
  quantityMax: string,
): SimulatedInstrument =>
  listInstrument({
    venue: 'okx',
    pair: `${base}/USDT`,
    symbol: `${base}-USDT`,
    tick,
    lot,
    quantityMin,
    quantityMax,
    makerPpm: 800,
    takerPpm: 1_000,
  })

export const OKX_INSTRUMENTS: readonly SimulatedInstrument[] = [
  listed('BTC', '0.1', '0.00000001', '0.00001', '9999999'),
  listed('ETH', '0.01', '0.000001', '0.0001', '999999999'),
  listed('XRP', '0.0001', '0.000001', '1', '999999999'),
  listed('DOGE', '0.00001', '0.000001', '10', '999999999'),
]

export const instrumentNamed = bySymbol(OKX_INSTRUMENTS)
