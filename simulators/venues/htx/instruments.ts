import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** As HTX lists them: https://huobiapi.github.io/docs/spot/v1/en/#get-market-symbols-settings */
const listed = (pair: string, tick: string, lot: string, minimum: string): SimulatedInstrument =>
  listInstrument({
    venue: 'htx',
    pair,
    symbol: pair.replace('/', '').toLowerCase(),
    tick,
    lot,
    quantityMin: minimum,
    notionalMin: '10',
    makerPpm: 2_000,
    takerPpm: 2_000,
  })

export const HTX_INSTRUMENTS: readonly SimulatedInstrument[] = [
  listed('BTC/USDT', '0.01', '0.000001', '0.00001'),
  listed('ETH/USDT', '0.01', '0.0001', '0.0001'),
  listed('XRP/USDT', '0.00001', '0.01', '1'),
  listed('DOGE/USDT', '0.000001', '0.01', '1'),
]

/** Their assets as they are called there. */
export const HTX_CURRENCIES: readonly { readonly currency: string; readonly asset: string }[] = [
  'USDT',
  'BTC',
  'ETH',
  'XRP',
  'DOGE',
].map(asset => ({ currency: asset.toLowerCase(), asset }))

export const currencyOf = (asset: string): string => asset.toLowerCase()

export const instrumentNamed = bySymbol(HTX_INSTRUMENTS)
