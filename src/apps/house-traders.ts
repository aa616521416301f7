import { HouseCrowd, httpHouseApi } from '../../simulators/house/index.ts'
import { HOUSE } from '../exchange/index.ts'
import {
  type Clock,
  MICROS_PER_SECOND,
  type Micros,
  type Permission,
  type Principal,
  type Timers,
} from '../kernel/index.ts'
import type { MarketDisplay } from '../market/index.ts'
import type { Log, Supervisor, Tokens } from '../platform/index.ts'
import { DEMO_TENANT } from './demo.ts'
import { houseInstruments } from './house-works.ts'

/** A token is made anew when so much of its life is left. */
const TOKEN_LEFT: Micros = 60 * MICROS_PER_SECOND

const traderPrincipal = (id: string): Principal => ({
  id,
  name: id,
  kind: 'system',
  tenant: DEMO_TENANT,
  permissions: new Set<Permission>(['market:read', 'orders:read', 'orders:write', 'orders:cancel', 'portfolio:read']),
})

/** Where the market is now: the last price here, or else at any other venue. */
function pricesOf(display: MarketDisplay): Record<string, number> {
  const prices: Record<string, number> = {}
  for (const { instrument, last, bid } of display.ticker()) {
    const [venue, pair] = instrument.split(':') as [string, string]
    const price = last ?? bid
    if (price !== null && (prices[pair] === undefined || venue === HOUSE)) prices[pair] = Number(price)
  }
  return prices
}

/** Lets the simulated traders in: they come by the public API, as anybody does. */
export async function letTradersIn(options: {
  /** Of this process, on this machine: the address that others use may not lead here yet. */
  readonly port: number
  readonly tokens: Tokens
  readonly seed: string
  readonly display: MarketDisplay
  readonly supervisor: Supervisor
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}): Promise<void> {
  const { port, tokens, seed, display, supervisor, clock, timers, log } = options
  const issued = new Map<string, Awaited<ReturnType<Tokens['issue']>>>()
  const tokenOf = async (trader: string): Promise<string> => {
    let known = issued.get(trader)
    if (known === undefined || known.expiresAt < clock.now() + TOKEN_LEFT) {
      known = await tokens.issue(traderPrincipal(trader))
      issued.set(trader, known)
    }
    return known.token
  }
  const crowd = new HouseCrowd({
    instruments: houseInstruments(),
    prices: pricesOf(display),
    seed,
    api: httpHouseApi(`http://127.0.0.1:${port}`, tokenOf),
    clock,
    timers,
    onError: error => log.warn({ error }, 'the simulated traders cannot reach the exchange now'),
  })
  await crowd.start()
  supervisor.onStop('simulated traders', async () => crowd.stop())
}
