import { binance } from './binance/index.ts'
import { bitfinex } from './bitfinex/index.ts'
import { bybit } from './bybit/index.ts'
import { coinbase } from './coinbase/index.ts'
import type { VenueDefinition } from './connector/definition.ts'
import { kraken } from './kraken/index.ts'
import { okx } from './okx/index.ts'
import type { VenueName } from './port/index.ts'

/** The venues that can be connected. */
export const VENUES: Readonly<Partial<Record<VenueName, VenueDefinition>>> = {
  binance,
  bitfinex,
  bybit,
  coinbase,
  kraken,
  okx,
}
