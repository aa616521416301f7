import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { AppError, PERMISSIONS, type Permission, type TenantId } from '../../src/kernel/index.ts'
import { createCatalogue, MarketDisplay, marketRoutes } from '../../src/market/index.ts'
import { operationsRoutes, SystemHealth } from '../../src/operations/index.ts'
import {
  type AuditWriter,
  auditEventTypes,
  createAuditWriter,
  createHttpServer,
  createMetrics,
  createTokens,
  ephemeralSigningKey,
  eventTypes,
  silentLog,
  systemIds,
  type Tokens,
} from '../../src/platform/index.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../../src/platform/testing.ts'
import { ABC, FREE, flat, NOON, strategyOf, trade } from '../../src/trading/fake.ts'
import {
  databaseJournal,
  memoryLatch,
  type OrderView,
  type RunView,
  Trader,
  Trading,
  tradingEvents,
  tradingRoutes,
} from '../../src/trading/index.ts'

/** For tests only: a server with the trading of two tenants, for as long as the test file runs that calls {@link serveTrading}. */

/** Buys at the market, and bids below it, at every candle. */
const buying = strategyOf(
  'buying',
  {
    onCandle(one, context) {
      const { size } = context.parameters as { size: number }
      context.place({ side: 'buy', quantity: size, reason: 'market' })
      context.place({ side: 'buy', quantity: size, type: 'limit', price: one.close - 4, reason: 'below' })
    },
  },
  { parameters: z.strictObject({ size: z.int().min(1).max(100).default(10) }) },
)

export let fresh: FreshDatabase
let server: Awaited<ReturnType<typeof createHttpServer>>
let tokens: Tokens
export let audit: AuditWriter
export const time = manualTime(NOON)
export const [ours, theirs] = [freshTenant(), freshTenant()]
export const traders = new Map<TenantId, { trader: Trader; trading: Trading }>()

const nowhere = (): never => {
  throw new AppError('node.unavailable')
}

export function serveTrading(): void {
  beforeAll(async () => {
    fresh = await freshDatabase()
    const ids = systemIds()
    const { clock, timers } = time
    const types = eventTypes([...tradingEvents, ...auditEventTypes])
    const display = new MarketDisplay([ABC])
    display.onInput(trade(NOON, 100))
    for (const tenant of [ours, theirs]) {
      const latch = memoryLatch()
      const trader = new Trader({
        journal: databaseJournal({ db: fresh.db, tenant, ids, types }),
        strategies: name => (name === 'buying' ? buying : undefined),
        latch,
        clock,
        timers,
        log: silentLog,
      })
      const trading = new Trading({
        tenant,
        trader,
        latch,
        display,
        catalogue: createCatalogue([ABC]),
        strategies: [buying],
        paper: FREE,
        clock,
        ids,
        history: () => [],
      })
      traders.set(tenant, { trader, trading })
      await trader.start()
    }
    tokens = createTokens({ key: ephemeralSigningKey(), clock, ids })
    audit = createAuditWriter({ db: fresh.db, ids, clock, timers, log: silentLog })
    const fine = () => ({ state: 'ok', detail: 'fine' }) as const
    const health = new SystemHealth({
      clock,
      sources: { database: fine, market: fine, node: fine, dispatcher: fine, event_loop: fine },
      figures: () => ({
        uptimeSeconds: 0,
        eventsDispatched: 0,
        dispatchLag: 0,
        deadLetters: 0,
        inputsPerSecond: 0,
        decisionP99Ms: null,
        commitP99Ms: null,
        eventLoopP99Ms: 0,
        heapMiB: 0,
        sockets: 0,
      }),
    })
    server = await createHttpServer({
      config: { host: '127.0.0.1', port: 0, isDemo: false, publicOrigin: undefined },
      routes: [...marketRoutes, ...tradingRoutes, ...operationsRoutes],
      deps: {
        display,
        db: fresh.db,
        health,
        now: () => clock.now(),
        trading: tenant => traders.get(tenant)!.trading,
        venues: nowhere,
        exchange: nowhere,
        transfers: nowhere,
        comparisons: nowhere,
        fees: nowhere,
      },
      tokens,
      audit: audit.record,
      clock,
      ids,
      timers,
      log: silentLog,
      metrics: createMetrics(),
      db: fresh.db,
      checks: [],
    })
  })
  afterAll(async () => {
    await server.close()
    for (const { trader } of traders.values()) await trader.stop()
    await audit.close()
  })
}

interface Asked {
  readonly tenant?: TenantId
  readonly permissions?: readonly Permission[]
  readonly body?: unknown
  readonly key?: string
  readonly person?: string
}
export type Method = 'GET' | 'POST' | 'PATCH'

let asked = 0
/** A request as a person of a tenant. Each comes from an address and a person of its own, so that no rate is met. */
export async function ask(
  method: Method,
  url: string,
  { tenant = ours, permissions = PERMISSIONS, body, key, person }: Asked = {},
) {
  asked += 1
  const principal = {
    id: person ?? `p${asked}`,
    name: 'Ada',
    kind: 'person',
    tenant,
    permissions: new Set(permissions),
  } as const
  const answer = await server.inject({
    method,
    url,
    remoteAddress: `127.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`,
    headers: {
      authorization: `Bearer ${(await tokens.issue(principal)).token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    payload: body === undefined ? undefined : JSON.stringify(body),
  })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}

export const good = {
  name: 'A run',
  strategy: 'buying',
  instrument: 'paper:ABC/USD',
  interval: '1m',
  parameters: { size: 5 },
  allocation: '10000',
}
export const start = async (tenant = ours) => (await ask('POST', '/v1/runs', { tenant, body: good })).body as RunView

let minute = 0
/** Two candles more for a tenant's runs, and whatever follows from them durable: an order fills, another rests. */
export async function trade2(tenant = ours): Promise<void> {
  const { trader } = traders.get(tenant)!
  for (let i = 0; i < 2; i++) {
    const input = flat(minute++, 100)
    time.clock.set(Math.max(time.clock.now(), input.at))
    trader.onMarket(input)
  }
  await eventually(() => [...trader.runs.values()].every(run => trader.records.get(run.setup.id)!.fills === run.fills))
}
export const ordersOf = async (query: string, tenant = ours) =>
  (await ask('GET', `/v1/orders?${query}`, { tenant })).body.items as OrderView[]

/** Everything that a problem says is at fault. */
export const faults = (problem: {
  field?: string
  faults?: { field: string; rule: string }[]
  rule?: string
}): string =>
  [problem.field, problem.rule, ...(problem.faults ?? []).flatMap(({ field, rule }) => [field, rule])].join(' ')
