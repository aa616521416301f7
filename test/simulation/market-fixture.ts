import { createLivingMarket } from '../../simulators/market/index.ts'
import {
  defineInstrument,
  type MarketInput,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type RunId,
  type TenantId,
} from '../../src/kernel/index.ts'
import { DEMO_INSTRUMENTS } from '../../src/market/index.ts'
import { BUILT_IN } from '../../src/strategies/index.ts'
import type { RunSetup } from '../../src/trading/index.ts'
import { PaperSettings } from '../../src/venues/index.ts'

export const TEST_STRATEGIES = (name: string) => BUILT_IN.find(strategy => strategy.name === name)

const START = 1_750_000_000 * MICROS_PER_SECOND
const MINUTES = 40
const cache = new Map<number, readonly MarketInput[]>()

const xrp =
  DEMO_INSTRUMENTS.find(({ pair }) => pair === 'XRP/USD') ??
  defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick: '0.0001', lot: '0.1' })

/** Forty minutes of XRP/USD on the living market. */
export function livingInputs(seed: number): readonly MarketInput[] {
  const known = cache.get(seed)
  if (known !== undefined) return known
  const market = createLivingMarket({ seed, start: START, instruments: [xrp] })
  const inputs = market.advance(START + MINUTES * MICROS_PER_MINUTE)
  cache.set(seed, inputs)
  return inputs
}

/** A run that trades every few minutes of it. */
export const testSetup = (seed: number): RunSetup => ({
  id: `00000000-0000-7000-8000-${String(seed).padStart(12, '0')}` as RunId,
  tenant: '00000000-0000-7000-8000-00000000000a' as TenantId,
  name: 'test',
  strategy: seed % 2 === 0 ? 'trend' : 'mean-reversion',
  instrument: xrp,
  interval: 5 * MICROS_PER_SECOND,
  parameters: seed % 2 === 0 ? { fast: 4, slow: 12, atr: 8 } : { length: 10, atr: 8, deviations: 1.5, holdMax: 10 },
  allocation: '10000',
  paper: PaperSettings.parse({ makerFeePpm: 100, takerFeePpm: 200 }),
  seed: String(seed),
})
