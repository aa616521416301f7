import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { PERMISSIONS, type Permission, type TenantId } from '../../src/kernel/index.ts'
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
  EquityPoint,
  EventView,
  FillView,
  KillSwitchView,
  memoryLatch,
  OrderHistoryView,
  OrderView,
  PositionView,
  RunView,
  StrategyView,
  Trader,
  Trading,
  tradingEvents,
  tradingRoutes,
} from '../../src/trading/index.ts'

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

let fresh: FreshDatabase
let server: Awaited<ReturnType<typeof createHttpServer>>
let tokens: Tokens
let audit: AuditWriter
const time = manualTime(NOON)
const [ours, theirs] = [freshTenant(), freshTenant()]
const traders = new Map<TenantId, { trader: Trader; trading: Trading }>()

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
    deps: { display, db: fresh.db, health, now: () => clock.now(), trading: tenant => traders.get(tenant)!.trading },
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

interface Asked {
  readonly tenant?: TenantId
  readonly permissions?: readonly Permission[]
  readonly body?: unknown
  readonly key?: string
  readonly person?: string
}
type Method = 'GET' | 'POST' | 'PATCH'

let asked = 0
/** A request as a person of a tenant. Each comes from an address and a person of its own, so that no rate is met. */
async function ask(
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

const good = {
  name: 'A run',
  strategy: 'buying',
  instrument: 'paper:ABC/USD',
  interval: '1m',
  parameters: { size: 5 },
  allocation: '10000',
}
const start = async (tenant = ours) => (await ask('POST', '/v1/runs', { tenant, body: good })).body as RunView

let minute = 0
/** Two candles more for a tenant's runs, and whatever follows from them durable: an order fills, another rests. */
async function trade2(tenant = ours): Promise<void> {
  const { trader } = traders.get(tenant)!
  for (let i = 0; i < 2; i++) {
    const input = flat(minute++, 100)
    time.clock.set(Math.max(time.clock.now(), input.at))
    trader.onMarket(input)
  }
  await eventually(() => [...trader.runs.values()].every(run => trader.records.get(run.setup.id)!.fills === run.fills))
}
const ordersOf = async (query: string, tenant = ours) =>
  (await ask('GET', `/v1/orders?${query}`, { tenant })).body.items as OrderView[]

describe('the life of a run', () => {
  test('started, seen, traded, stopped, configured, started again', async () => {
    const run = await start()
    expect(run).toMatchObject({
      name: 'A run',
      strategy: 'buying',
      mode: 'paper',
      instrument: 'paper:ABC/USD',
      interval: '1m',
      state: 'running',
      parameters: { size: 5 },
      allocation: '10000',
      equity: '10000.00',
      trades: 0,
      stoppedAt: null,
    })
    await trade2()
    expect((await ask('GET', `/v1/runs/${run.id}`)).body).toMatchObject({ trades: 1, openOrders: 3 })
    const position = (await ask('GET', '/v1/positions')).body.items.find((one: PositionView) => one.run === run.id)
    expect(position).toMatchObject({ quantity: '5', averageCost: '100.00', markPrice: '100', net: '0.00' })
    expect((await ask('POST', `/v1/runs/${run.id}/start`)).status).toBe(409)
    expect((await ask('PATCH', `/v1/runs/${run.id}`, { body: { parameters: { size: 7 } } })).status).toBe(409)
    const stopped = await ask('POST', `/v1/runs/${run.id}/stop`)
    expect([stopped.status, stopped.body.state, stopped.body.openOrders]).toEqual([200, 'stopped', 0])
    expect((await ask('POST', `/v1/runs/${run.id}/stop`)).body).toMatchObject({ status: 409, code: 'run.state' })
    const changed = await ask('PATCH', `/v1/runs/${run.id}`, { body: { parameters: { size: 7 } } })
    expect([changed.status, changed.body.parameters]).toEqual([200, { size: 7 }])
    const again = await ask('POST', `/v1/runs/${run.id}/start`)
    expect([again.status, again.body.state, again.body.trades]).toEqual([200, 'running', 1])
    await ask('POST', `/v1/runs/${run.id}/stop`)
    const types = (await ask('GET', '/v1/events?limit=500')).body.items
      .filter((event: EventView) => event.subject === `run/${run.id}`)
      .map((event: EventView) => event.type)
    expect(types).toEqual(['run.stopped', 'run.started', 'run.configured', 'run.stopped', 'run.started'])
  })

  test('started twice with the same key it is one run; the key with other contents is refused', async () => {
    const [key, person] = ['a-key-of-mine', 'Ada']
    const first = await ask('POST', '/v1/runs', { body: good, key, person })
    const second = await ask('POST', '/v1/runs', { body: good, key, person })
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id])
    const other = await ask('POST', '/v1/runs', { body: { ...good, name: 'Another' }, key, person })
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency.mismatch' })
    await ask('POST', `/v1/runs/${first.body.id}/stop`)
  })

  test('an order is canceled by hand, and its history tells it', async () => {
    const run = await start()
    await trade2()
    const [open] = await ordersOf(`run=${run.id}&state=open`)
    const canceled = await ask('POST', `/v1/orders/${open!.id}/cancel`)
    expect([canceled.status, canceled.body.state]).toEqual([202, 'pending_cancel'])
    await trade2()
    await eventually(async () => (await ask('GET', `/v1/orders/${open!.id}`)).body.order.state === 'canceled')
    const { history } = (await ask('GET', `/v1/orders/${open!.id}`)).body
    expect(history.map((one: { sequence: number }) => one.sequence)).toEqual(
      history.map((_: unknown, i: number) => i + 1),
    )
    expect(history.map((one: { type: string }) => one.type)).toEqual(
      expect.arrayContaining(['order.initialized', 'order.submitted', 'order.cancel_requested', 'order.canceled']),
    )
    expect((await ask('POST', `/v1/orders/${open!.id}/cancel`)).status).toBe(404)
    await ask('POST', `/v1/runs/${run.id}/stop`)
  })

  test('orders are read page by page, each once', async () => {
    const all = await ordersOf('limit=500')
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: { items: OrderView[]; next: string | null } = (
        await ask('GET', `/v1/orders?limit=3${next === '' ? '' : `&before=${next}`}`)
      ).body
      seen.push(...page.items.map(order => order.id))
      next = page.next
    }
    expect(all.length).toBeGreaterThan(5)
    expect(seen).toEqual(all.map(order => order.id))
  })
})

describe('the kill switch', () => {
  test('pulled: open orders are canceled, nothing starts; lifted: it does', async () => {
    const run = await start()
    await trade2()
    const pulled = await ask('POST', '/v1/kill-switch', { body: { reason: 'it looks wrong' } })
    expect([pulled.status, pulled.body.active, pulled.body.by, pulled.body.reason]).toEqual([
      200,
      true,
      'Ada',
      'it looks wrong',
    ])
    expect(pulled.body.receipt.length).toBeGreaterThan(0)
    expect(new Set(pulled.body.receipt.map((line: { outcome: string }) => line.outcome))).toEqual(
      new Set(['confirmed']),
    )
    expect((await ask('POST', '/v1/runs', { body: good })).body).toMatchObject({
      status: 409,
      code: 'kill_switch.active',
    })
    await trade2()
    await eventually(async () => (await ordersOf('state=open')).length === 0)
    expect((await ask('GET', '/v1/kill-switch', { tenant: theirs })).body.active).toBe(false)
    const lifted = await ask('POST', '/v1/kill-switch/lift', { body: { reason: 'it was nothing' } })
    expect([lifted.status, lifted.body.active]).toEqual([200, false])
    const twice = await ask('POST', '/v1/kill-switch/lift', { body: { reason: 'it was nothing' } })
    expect(twice.body).toMatchObject({ status: 409, code: 'state.conflict' })
    await ask('POST', `/v1/runs/${run.id}/stop`)
  })
})

/** Everything that a problem says is at fault. */
const faults = (problem: { field?: string; faults?: { field: string; rule: string }[]; rule?: string }): string =>
  [problem.field, problem.rule, ...(problem.faults ?? []).flatMap(({ field, rule }) => [field, rule])].join(' ')

describe('SC-61: bad input is the caller’s fault, named, and never ours', () => {
  const BAD: Record<string, readonly unknown[]> = {
    name: ['', '   ', 'x'.repeat(61), 5, null, 'a\0b', 'half \ud83d', 'a\u001bb', undefined],
    strategy: ['none', '', 5, null, 'x'.repeat(121), '\0', undefined],
    instrument: ['paper:XYZ/USD', 'ABC', '', 5, null, 'x'.repeat(61), 'a\0', undefined],
    interval: ['2m', '', 5, null, undefined],
    parameters: [
      { size: 0 },
      { size: 101 },
      { size: 'five' },
      { size: 1.5 },
      { other: 1 },
      5,
      null,
      [],
      'x',
      { 'a\0': 1 },
    ],
    allocation: ['0', '-5', '1.234', '1e5', 'NaN', '', 5, null, '1000000001', '9'.repeat(31), undefined],
  }
  test.each(Object.entries(BAD))('a new run with a bad %s', async (field, values) => {
    for (const value of values) {
      const answer = await ask('POST', '/v1/runs', { body: { ...good, [field]: value } })
      expect([value, answer.status]).toEqual([value, expect.toSatisfy(status => status === 400 || status === 404)])
      expect(faults(answer.body)).toContain(field)
    }
  })

  const wellFormed = (one: string) => Buffer.from(one).toString()
  const SOME_ID = '00000000-0000-7000-8000-000000000099'
  test.each([
    ['GET', '/v1/runs/nonsense', 'id'],
    ['GET', `/v1/runs/${SOME_ID}`, 'run'],
    ['POST', `/v1/runs/${SOME_ID}/start`, 'run'],
    ['POST', `/v1/runs/${SOME_ID}/stop`, 'run'],
    ['GET', '/v1/orders?limit=0', 'limit'],
    ['GET', '/v1/orders?limit=501', 'limit'],
    ['GET', '/v1/orders?limit=x', 'limit'],
    ['GET', '/v1/orders?state=half', 'state'],
    ['GET', '/v1/orders?run=1', 'run'],
    ['GET', '/v1/orders?before=1', 'before'],
    ['GET', '/v1/orders?before=1:%00', 'before'],
    ['GET', '/v1/orders/%00', 'id'],
    ['GET', `/v1/orders/${'x'.repeat(65)}`, 'id'],
    ['GET', '/v1/orders/none', 'id'],
    ['POST', '/v1/orders/none/cancel', 'id'],
    ['GET', '/v1/fills?instrument=%00', 'instrument'],
    ['GET', '/v1/fills?run=x', 'run'],
    ['GET', '/v1/fills?limit=-1', 'limit'],
    ['GET', '/v1/equity?from=-1', 'from'],
    ['GET', '/v1/equity?from=1e300', 'from'],
    ['GET', '/v1/events?before=0', 'before'],
    ['GET', '/v1/events?before=99999999999999999999', 'before'],
    ['GET', '/v1/candles?instrument=ABC&interval=7m', 'interval'],
    ['GET', '/v1/candles?interval=1m', 'instrument'],
  ] as const)('%s %s', async (method, url, field) => {
    const answer = await ask(method, url)
    expect([answer.status, answer.body.status]).toEqual([expect.toSatisfy(s => s === 400 || s === 404), answer.status])
    expect(faults(answer.body)).toContain(field)
  })

  test.each(['/v1/kill-switch', '/v1/kill-switch/lift'])('%s without a proper reason', async url => {
    for (const reason of ['', 'ab', '     ', 5, null, 'x'.repeat(2_001), 'null \0 in it', undefined]) {
      const answer = await ask('POST', url, { body: { reason } })
      expect([reason, answer.status, faults(answer.body)]).toEqual([reason, 400, expect.stringContaining('reason')])
    }
  })

  test('whatever a client may send, no answer is a 500 and every node goes on', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('\0', '\ud800', '__proto__', '1e9'),
    )
    const value = fc.oneof(text, fc.jsonValue(), fc.double(), fc.constantFrom(null, true, [], {}, 1e308))
    const field = fc.constantFrom('name', 'strategy', 'instrument', 'interval', 'parameters', 'allocation')
    const someBody = fc.oneof(
      fc.tuple(field, value).map(([name, bad]) => ({ ...good, [name]: bad }) as unknown),
      fc.dictionary(text, value).map(parameters => ({ ...good, parameters }) as unknown),
      value,
    )
    const query = fc.tuple(
      fc.constantFrom('orders', 'fills', 'equity', 'events', 'candles'),
      fc.constantFrom('limit', 'before', 'run', 'state', 'instrument', 'from', 'interval'),
      text.map(one => encodeURIComponent(wellFormed(one))),
    )
    const request = fc.oneof(
      someBody.map(body => ['POST', '/v1/runs', body] as const),
      value.map(reason => ['POST', '/v1/kill-switch/lift', { reason }] as const),
      value.map(parameters => ['PATCH', `/v1/runs/${SOME_ID}`, { parameters }] as const),
      query.map(([path, name, one]) => ['GET', `/v1/${path}?${name}=${one}`, undefined] as const),
      text.map(one => ['GET', `/v1/orders/${encodeURIComponent(wellFormed(one))}`, undefined] as const),
      text.map(one => ['POST', `/v1/orders/${encodeURIComponent(wellFormed(one))}/cancel`, undefined] as const),
    )
    await fc.assert(
      fc.asyncProperty(request, async ([method, url, body]) => {
        const { status } = await ask(method, url, { body })
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 400 },
    )
    for (const { trader } of traders.values()) expect(trader.state).toBe('running')
    for (const run of traders.get(ours)!.trading.runs())
      if (run.state === 'running') await traders.get(ours)!.trading.stop(run.id)
  })
})

test('SC-54: fields that nobody asked for are refused, in bodies and in queries', async () => {
  const run = await start(theirs)
  const extras: readonly [string, Method, string, unknown?][] = [
    ['tenant', 'POST', '/v1/runs', { ...good, tenant: theirs }],
    ['mode', 'POST', '/v1/runs', { ...good, mode: 'live' }],
    ['allocation', 'PATCH', `/v1/runs/${run.id}`, { parameters: {}, allocation: '1' }],
    ['force', 'POST', `/v1/runs/${run.id}/stop`, { force: true }],
    ['tenant', 'POST', '/v1/kill-switch', { reason: 'a good reason', tenant: ours }],
    ['tenant', 'GET', '/v1/orders?tenant=x'],
    ['all', 'GET', '/v1/runs?all=1'],
  ]
  for (const [extra, method, url, body] of extras) {
    const answer = await ask(method, url, { tenant: theirs, body })
    expect([url, answer.status, faults(answer.body)]).toEqual([url, 400, expect.stringContaining(extra)])
  }
  expect((await ask('GET', `/v1/runs/${run.id}`, { tenant: theirs })).body.state).toBe('running')
  expect((await ask('GET', '/v1/kill-switch', { tenant: theirs })).body.active).toBe(false)
  await ask('POST', `/v1/runs/${run.id}/stop`, { tenant: theirs })
})

test('SC-53: what is answered has the fields of its schema, no more and no fewer', async () => {
  const run = await start()
  await trade2()
  await fresh.asOwner('INSERT INTO equity_point VALUES ($1, $2, $3, 10)', [ours, run.id, time.clock.now()])
  const keys = (schema: z.ZodObject) => Object.keys(schema.shape).sort()
  const lists: readonly [string, z.ZodObject][] = [
    ['/v1/strategies', StrategyView],
    ['/v1/runs', RunView],
    ['/v1/orders', OrderView],
    ['/v1/fills', FillView],
    ['/v1/positions', PositionView],
    ['/v1/equity', EquityPoint],
    ['/v1/events', EventView],
  ]
  for (const [url, schema] of lists) {
    const { items } = (await ask('GET', url)).body
    expect([url, items.length > 0]).toEqual([url, true])
    for (const item of items) {
      expect([url, Object.keys(item).sort()]).toEqual([url, keys(schema)])
      schema.parse(item)
    }
  }
  const [order] = await ordersOf('limit=1')
  OrderHistoryView.parse((await ask('GET', `/v1/orders/${order!.id}`)).body)
  const off = (await ask('GET', '/v1/kill-switch')).body
  expect(Object.keys(off).sort()).toEqual(keys(KillSwitchView))
  await ask('POST', `/v1/runs/${run.id}/stop`)
})

test('SC-52: the ids of another tenant are nothing, and acting on them changes nothing', async () => {
  const run = await start(theirs)
  await trade2(theirs)
  const [order] = await ordersOf(`run=${run.id}&state=open`, theirs)
  const before = (await ask('GET', `/v1/orders/${order!.id}`, { tenant: theirs })).body
  const acts: readonly [Method, string, unknown?][] = [
    ['GET', `/v1/runs/${run.id}`],
    ['POST', `/v1/runs/${run.id}/start`],
    ['POST', `/v1/runs/${run.id}/stop`],
    ['PATCH', `/v1/runs/${run.id}`, { parameters: { size: 1 } }],
    ['GET', `/v1/orders/${order!.id}`],
    ['POST', `/v1/orders/${order!.id}/cancel`],
  ]
  for (const [method, url, body] of acts) {
    const answer = await ask(method, url, { body })
    expect([method, url, answer.status]).toEqual([method, url, 404])
    const absent = await ask(method, url.replace(/[^/]{12}(?=\/|$)/, '0000deadbeef'), { body })
    if (url.startsWith('/v1/runs')) expect(absent.body.detail).toBe(answer.body.detail)
  }
  expect(await ordersOf(`run=${run.id}`)).toEqual([])
  expect((await ask('GET', `/v1/fills?run=${run.id}`)).body.items).toEqual([])
  for (const list of ['runs', 'orders', 'fills', 'positions', 'events', 'equity'])
    expect(JSON.stringify((await ask('GET', `/v1/${list}`)).body)).not.toContain(run.id)
  expect((await ask('GET', `/v1/orders/${order!.id}`, { tenant: theirs })).body).toEqual(before)
  expect((await ask('GET', `/v1/runs/${run.id}`, { tenant: theirs })).body).toMatchObject({
    state: 'running',
    parameters: { size: 5 },
  })
  await ask('POST', `/v1/runs/${run.id}/stop`, { tenant: theirs })
})

test('every route needs its permission', async () => {
  const body = { reason: 'a good reason' }
  const acts: readonly [Method, string, Permission, unknown?][] = [
    ['GET', '/v1/runs', 'runs:read'],
    ['POST', '/v1/runs', 'runs:write', good],
    ['GET', '/v1/orders', 'orders:read'],
    ['POST', '/v1/orders/x/cancel', 'orders:cancel'],
    ['GET', '/v1/positions', 'portfolio:read'],
    ['GET', '/v1/events', 'events:read'],
    ['GET', '/v1/system/health', 'health:read'],
    ['POST', '/v1/kill-switch', 'kill_switch:use', body],
    ['POST', '/v1/kill-switch/lift', 'kill_switch:lift', body],
  ]
  for (const [method, url, needed, sent] of acts) {
    const permissions = PERMISSIONS.filter(one => one !== needed)
    expect([url, (await ask(method, url, { permissions, body: sent })).status]).toEqual([url, 403])
  }
  expect((await ask('GET', '/v1/kill-switch')).body.active).toBe(false)
})

test('SC-90: acts and denials are recorded with who, what, where and how it ended', async () => {
  const run = await start()
  await ask('POST', `/v1/runs/${run.id}/stop`)
  await ask('POST', `/v1/runs/${run.id}/stop`)
  await ask('POST', '/v1/kill-switch', { permissions: ['health:read'], body: { reason: 'a good reason' } })
  await ask('GET', '/v1/orders', { permissions: [] })
  expect(await audit.flush()).toBe(true)
  const rows = await fresh.asOwner<{ data: Record<string, unknown> }>(
    `SELECT data FROM event WHERE tenant_id = $1 AND type = 'audit.recorded' ORDER BY position DESC LIMIT 5`,
    [ours],
  )
  const last = rows.map(({ data }) => [data.action, data.outcome, data.reason]).reverse()
  expect(last).toEqual([
    ['run.start', 'allowed', null],
    ['run.stop', 'allowed', null],
    ['run.stop', 'failed', 'run.state'],
    ['kill_switch.pull', 'denied', 'permission.denied'],
    ['GET /v1/orders', 'denied', 'permission.denied'],
  ])
  expect(rows[0]!.data).toMatchObject({
    who: { name: 'Ada', kind: 'person' },
    where: { address: expect.stringMatching(/^127\./), route: 'GET /v1/orders' },
  })
})
