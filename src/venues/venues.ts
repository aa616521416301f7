import { binance } from './binance/index.ts'
import { bybit } from './bybit/index.ts'
import type { VenueDefinition } from './connector/definition.ts'
import { kraken } from './kraken/index.ts'
import type { VenueName } from './port/index.ts'

/** The venues that can be connected. */
export const VENUES: Readonly<Partial<Record<VenueName, VenueDefinition>>> = { binance, bybit, kraken }
