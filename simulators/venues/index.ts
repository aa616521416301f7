import { binanceSimulator } from './binance/index.ts'
import { bitfinexSimulator } from './bitfinex/index.ts'
import { bybitSimulator } from './bybit/index.ts'
import { coinbaseSimulator } from './coinbase/index.ts'
import type { SimulatedVenueDefinition } from './core/index.ts'
import { krakenSimulator } from './kraken/index.ts'
import { okxSimulator } from './okx/index.ts'

/** Every venue that can be simulated. */
export const SIMULATED_VENUES: readonly SimulatedVenueDefinition[] = [
  binanceSimulator,
  bitfinexSimulator,
  bybitSimulator,
  coinbaseSimulator,
  krakenSimulator,
  okxSimulator,
]

export * from './core/index.ts'
