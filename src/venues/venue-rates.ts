import { binanceRates } from './binance/rates.ts'
import { bitfinexRates } from './bitfinex/rates.ts'
import { bybitRates } from './bybit/rates.ts'
import { coinbaseRates } from './coinbase/rates.ts'
import { htxRates } from './htx/rates.ts'
import { krakenRates } from './kraken/rates.ts'
import { kucoinRates } from './kucoin/rates.ts'
import { okxRates } from './okx/rates.ts'
import type { VenueName } from './port/index.ts'
import type { VenueRates } from './rates/index.ts'

/** The published limits of each venue, for an account of its lowest level. */
export const VENUE_RATES: Readonly<Record<VenueName, VenueRates>> = {
  binance: binanceRates,
  coinbase: coinbaseRates,
  kraken: krakenRates(),
  bitfinex: bitfinexRates,
  htx: htxRates,
  okx: okxRates,
  bybit: bybitRates,
  kucoin: kucoinRates,
}
