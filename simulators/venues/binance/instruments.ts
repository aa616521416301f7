import {
  formatDecimal,
  type Instrument,
  type Lots,
  parseDecimal,
  priceText,
  quantityText,
  type Ticks,
} from '../../../src/kernel/index.ts'
import { bySymbol, listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** A symbol as `exchangeInfo` lists it: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints */
const symbol = (base: string, tick: string, lot: string, notionalMin: string): SimulatedInstrument =>
  listInstrument({
    venue: 'binance',
    pair: `${base}/USDT`,
    symbol: `${base}USDT`,
    tick,
    lot,
    quantityMin: lot,
    notionalMin,
    makerPpm: 1_000,
    takerPpm: 1_000,
  })

export const BINANCE_SYMBOLS: readonly SimulatedInstrument[] = [
  symbol('BTC', '0.01', '0.00001', '5'),
  symbol('ETH', '0.01', '0.0001', '5'),
  symbol('XRP', '0.0001', '0.1', '5'),
  symbol('DOGE', '0.00001', '1', '1'),
]

export const symbolNamed = bySymbol(BINANCE_SYMBOLS)

/** Every number of Binance's has eight decimals, whatever the tick. */
export const DECIMALS = 8
export const eight = (text: string): string => formatDecimal(parseDecimal(text, DECIMALS), DECIMALS)
export const ZERO = eight('0')
export const priceOf = (instrument: Instrument, ticks: Ticks): string => eight(priceText(instrument, ticks))
export const quantityOf = (instrument: Instrument, lots: Lots): string => eight(quantityText(instrument, lots))
