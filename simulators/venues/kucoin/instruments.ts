import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** "minFunds" */
export const FUNDS_MIN = '0.1'

/** "priceIncrement", "baseIncrement", "baseMinSize" and "baseMaxSize" of https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-all-symbols */
const listed = (
  base: string,
  tick: string,
  lot: string,
  quantityMin: string,
  quantityMax: string,
): SimulatedInstrument =>
  listInstrument({
    venue: 'kucoin',
    pair: `${base}/USDT`,
    symbol: `${base}-USDT`,
    tick,
    lot,
    quantityMin,
    quantityMax,
    notionalMin: FUNDS_MIN,
    makerPpm: 1_000,
    takerPpm: 1_000,
  })

export const KUCOIN_INSTRUMENTS: readonly SimulatedInstrument[] = [
  listed('BTC', '0.1', '0.00000001', '0.00001', '10000000'),
  listed('ETH', '0.01', '0.0000001', '0.0001', '100000000'),
  listed('XRP', '0.00001', '0.0001', '0.1', '10000000000'),
  listed('DOGE', '0.00001', '0.0001', '1', '10000000000'),
]

export const instrumentNamed = bySymbol(KUCOIN_INSTRUMENTS)
