import { defineInstrument } from '../../../src/kernel/index.ts'
import { type SimulatedInstrument, unitsOf } from '../core/index.ts'

const NOTIONAL_MIN = '10'

/** As HTX lists them: https://huobiapi.github.io/docs/spot/v1/en/#get-market-symbols-settings */
const listed = (pair: string, tick: string, lot: string, minimum: string): SimulatedInstrument => {
  const symbol = pair.replace('/', '').toLowerCase()
  return {
    instrument: defineInstrument({
      venue: 'htx',
      pair,
      symbol,
      tick,
      lot,
      quantityMin: minimum,
      notionalMin: NOTIONAL_MIN,
    }),
    symbol,
    notionalMin: unitsOf(NOTIONAL_MIN),
    makerPpm: 2_000,
    takerPpm: 2_000,
  }
}

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

export const instrumentNamed = (name: unknown): SimulatedInstrument | undefined =>
  HTX_INSTRUMENTS.find(({ symbol }) => symbol === name)
