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

/** Two strategies at work from the first minute, on short candles so that there is something to see. */
const demoRuns = (xrp: string, doge: string): readonly NewRun[] => [
  {
    name: 'Trend on XRP',
    strategy: 'trend',
    instrument: xrp,
    interval: '5s',
    parameters: { fast: 6, slow: 18, atr: 14, band: 0, trail: 3, risk: 0.0002 },
    allocation: '10000',
  },
  {
    name: 'Mean reversion on DOGE',
    strategy: 'mean-reversion',
    instrument: doge,
    interval: '5s',
    parameters: { length: 20, deviations: 1.5, atr: 14, stop: 4, holdMax: 24, risk: 0.0002 },
    allocation: '10000',
  },
]

/** Starts the demo's strategies unless the tenant has had runs before: one at one venue, one at another. */
export async function seedDemo(
  trading: Trading,
  log: Log,
  { xrp, doge } = { xrp: 'kraken:XRP/USD', doge: 'binance:DOGE/USDT' },
): Promise<void> {
  if (trading.runs().length > 0) return
  const runs = demoRuns(xrp, doge)
  for (const wish of runs) await trading.start(wish)
  log.info({ runs: runs.map(run => run.name) }, 'the demo strategies have been started')
}
