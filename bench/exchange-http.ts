import { spawn } from 'node:child_process'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { exchangeRoutes } from '../src/exchange/index.ts'
import { Exchange } from '../src/exchange/testing.ts'
import { PERMISSIONS, type Principal } from '../src/kernel/index.ts'
import {
  createHttpServer,
  createMetrics,
  createTokens,
  ephemeralSigningKey,
  type RouteDeps,
  silentLog,
  systemClock,
  systemIds,
  systemTimers,
} from '../src/platform/index.ts'
import type { Load, Measured } from './exchange-load.ts'
import { ACCOUNTS, type BenchDatabase } from './exchange-market.ts'
import { openBenchExchange } from './exchange-setup.ts'

const GENERATOR = fileURLToPath(new URL('exchange-load.ts', import.meta.url))
const CONNECTIONS = 300
const WARM_MS = 5_000
const MEASURE_MS = 20_000
/** An order that has been filled cannot be cancelled, and one may be refused: these are answers, not failures. */
const ANSWERS: ReadonlySet<string> = new Set(['200', '201', '404', '422'])

export interface ThroughHttp {
  readonly perSecond: number
  /** Part of the requests that the exchange answered. */
  readonly success: number
  readonly meanMs: number
  readonly p99Ms: number
}

/**
 * Orders and cancels one a request, each with a signed token, checks, limits and schemas as in production, from a process of its
 * own on the same cores: {@link CONNECTIONS} connections that each wait for their answer.
 */
export async function throughHttp(bench: BenchDatabase, given: { history: boolean }): Promise<ThroughHttp> {
  const { tenant, shards, stop } = await openBenchExchange(bench, given)
  const [clock, ids, timers] = [systemClock(), systemIds(), systemTimers()]
  const exchange = new Exchange(shards, { db: bench.db, tenant, clock })
  const tokens = createTokens({ key: ephemeralSigningKey(), clock, ids })
  const http = await createHttpServer({
    config: { host: '127.0.0.1', port: 0, isDemo: false, publicOrigin: undefined },
    routes: exchangeRoutes,
    deps: { exchange: () => exchange } as unknown as RouteDeps,
    tokens,
    audit: () => {},
    clock,
    ids,
    timers,
    log: silentLog,
    metrics: createMetrics(),
    db: bench.db,
    checks: [],
  })
  try {
    const { port } = await http.listen()
    const permissions: Principal['permissions'] = new Set(PERMISSIONS.filter(name => name.startsWith('orders:')))
    const names = Array.from({ length: ACCOUNTS }, (_, i) => `account ${i}`)
    const issued = await Promise.all(
      names.map(name => tokens.issue({ id: name, name, kind: 'key', tenant, permissions })),
    )
    const measured = await generate({
      port,
      instrument: shards.markets()[0]!.market.instrument.id,
      tokens: issued.map(({ token }) => token),
      connections: CONNECTIONS,
      warmMs: WARM_MS,
      measureMs: MEASURE_MS,
    })
    const answered = Object.entries(measured.statuses).reduce(
      (sum, [status, count]) => (ANSWERS.has(status) ? sum + count : sum),
      0,
    )
    const { requests, seconds, meanMs, p99Ms } = measured
    return { perSecond: requests / seconds, success: answered / requests, meanMs, p99Ms }
  } finally {
    await http.close()
    await stop()
  }
}

async function generate(load: Load): Promise<Measured> {
  const child = spawn(process.execPath, ['--import', 'tsx', GENERATOR], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(load))
  return (await json(child.stdout)) as Measured
}
