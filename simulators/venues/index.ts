import { coinbaseSimulator } from './coinbase/index.ts'
import type { SimulatedVenueDefinition } from './core/index.ts'
import { krakenSimulator } from './kraken/index.ts'

/** Every venue that can be simulated. */
export const SIMULATED_VENUES: readonly SimulatedVenueDefinition[] = [krakenSimulator, coinbaseSimulator]

export * from './core/index.ts'
