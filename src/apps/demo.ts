import { PERMISSIONS, type Permission, type Principal, type TenantId } from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'
import type { NewRun, Trading } from '../trading/index.ts'
import type { VenueName } from '../venues/index.ts'

/** The demo's one tenant and one person: fixed, so that a restart finds what was there. */
export const DEMO_TENANT = '00000000-0000-7000-8000-0000000de304' as TenantId

export const DEMO_PRINCIPAL: Principal = {
  id: 'demo-trader',
  name: 'Demo trader',
  kind: 'person',
  tenant: DEMO_TENANT,
  permissions: new Set<Permission>(PERMISSIONS),
}

/** The simulated venues of the demo, and what is watched at each. They differ in price, fee and latency. */
export const DEMO_VENUES: readonly VenueName[] = ['kraken', 'binance', 'coinbase']

/**
 * Two strategies at work from the first minute, on short candles and averages so that there is something to see, each at two
 * venues whose markets move apart. Positions stay small: so many trades pay many fees.
 */
const demoRun = (strategy: 'trend' | 'mean-reversion', name: string, instrument: string): NewRun => ({
  name,
  strategy,
  instrument,
  interval: '5s',
  parameters:
    strategy === 'trend'
      ? { fast: 2, slow: 6, atr: 14, band: 0, trail: 3, risk: 0.000_005 }
      : { length: 8, deviations: 0.5, atr: 14, stop: 4, patience: 6, holdMax: 24, risk: 0.000_005 },
  allocation: '10000',
})

export const DEMO_RUNS: readonly NewRun[] = [
  demoRun('trend', 'Trend on XRP', 'kraken:XRP/USD'),
  demoRun('mean-reversion', 'Mean reversion on DOGE', 'binance:DOGE/USDT'),
  demoRun('trend', 'Trend on ETH', 'coinbase:ETH/USD'),
  demoRun('mean-reversion', 'Mean reversion on BTC', 'coinbase:BTC/USD'),
]

/** Starts the demo's strategies unless the tenant has had runs before. */
export async function seedDemo(trading: Trading, log: Log, runs: readonly NewRun[] = DEMO_RUNS): Promise<void> {
  if (trading.runs().length > 0) return
  for (const wish of runs) await trading.start(wish)
  log.info({ runs: runs.map(run => run.name) }, 'the demo strategies have been started')
}
