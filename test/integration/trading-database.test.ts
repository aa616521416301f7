import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type RunId, seededRandom, type TenantId } from '../../src/kernel/index.ts'
import {
  createDatabase,
  type Database,
  eventTypes,
  migrate,
  roleUrl,
  silentLog,
  startPostgres,
  systemIds,
} from '../../src/platform/index.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../../src/platform/testing.ts'
import { ABC, type AnyContext, flat, MINUTE, NOON, setupOf, strategyOf, trade } from '../../src/trading/fake.ts'
import {
  type AnyStrategy,
  databaseJournal,
  memoryLatch,
  Trader,
  type TradingJournal,
  tradingEvents,
} from '../../src/trading/index.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const types = eventTypes(tradingEvents)
const journalOf = (db: Database, tenant: TenantId): TradingJournal =>
  databaseJournal({ db, tenant, ids: systemIds(), types })

/** In and out again, a bid below the market now and then: orders of every end. */
const trading = strategyOf('trading', {
  onCandle(one, context: AnyContext) {
    const n = (one.openAt - NOON) / MINUTE
    for (const { request } of context.openOrders) context.cancel(request.id)
    if (n % 2 === 0) context.place({ side: 'buy', quantity: 10, reason: `in ${n}` })
    else if (context.position > 0) context.place({ side: 'sell', quantity: context.position, reason: `out ${n}` })
    context.place({ side: 'buy', type: 'limit', price: one.close - 3, quantity: 5, reason: 'below' })
    context.place({ side: 'buy', type: 'limit', price: one.close * 2, quantity: 5, reason: 'too far' })
  },
})

function traderOver(journal: TradingJournal, strategy: AnyStrategy = trading) {
  const { clock, timers, advance } = manualTime(NOON)
  const latch = memoryLatch()
  const trader = new Trader({
    journal,
    strategies: name => (name === strategy.name ? strategy : undefined),
    latch,
    clock,
    timers,
    log: silentLog,
  })
  return { trader, latch, clock, advance }
}

/** A run as it stands; the number of the node's last input is apart, since a start is an input too. */
const stateOf = (trader: Trader, run: RunId) => ({ ...trader.runs.get(run)!.snapshot(), position: 0 })

type Ask = (sql: string, values?: unknown[]) => Promise<unknown[]>

async function query(url: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** What must hold of a tenant's books; every query gives the rows that break it. */
async function broken(ask: Ask, tenant: TenantId): Promise<string[]> {
  const rules: Record<string, string> = {
    'orders and fills': `SELECT 1 FROM orders o LEFT JOIN fill f ON f.tenant_id = o.tenant_id AND f.order_id = o.id
      WHERE o.tenant_id = $1 GROUP BY o.id, o.filled HAVING o.filled <> coalesce(sum(f.quantity), 0)`,
    'runs and fills': `SELECT 1 FROM run r LEFT JOIN fill f ON f.tenant_id = r.tenant_id AND f.run_id = r.id
      WHERE r.tenant_id = $1 GROUP BY r.id, r.quantity, r.fills
      HAVING r.fills <> count(f.id) OR r.quantity <> coalesce(sum(CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END), 0)`,
    'orders and events': `SELECT 1 FROM orders o JOIN event e ON e.tenant_id = o.tenant_id AND e.subject = 'order/' || o.id
      WHERE o.tenant_id = $1 GROUP BY o.id, o.sequence HAVING o.sequence <> max(e.sequence) OR o.sequence <> count(*)`,
  }
  const found: string[] = []
  for (const [rule, sql] of Object.entries(rules)) if ((await ask(sql, [tenant])).length > 0) found.push(rule)
  return found
}

test('what a trader commits comes back: runs go on from it, and orders, fills and events agree', async () => {
  const tenant = freshTenant()
  const journal = journalOf(fresh.db, tenant)
  const { trader } = traderOver(journal)
  const random = seededRandom('round trip')
  await trader.start()
  const setup = setupOf('trading', { tenant })
  await trader.startRun(setup)
  for (let n = 0; n < 40; n++) trader.onMarket(flat(n, 100 + random.below(9)))
  await trader.stop()
  const run = trader.runs.get(setup.id)!
  const saved = await journal.load()
  expect(saved.map(one => one.snapshot)).toEqual([run.snapshotText()])
  expect(saved[0]!.life).toEqual({ sequence: 1, startedAt: NOON, stoppedAt: null })
  const [row] = await fresh.asOwner('SELECT status, quantity, fills, instrument FROM run WHERE tenant_id = $1', [
    tenant,
  ])
  expect(row).toEqual({
    status: 'running',
    quantity: String(run.holding.quantity),
    fills: run.fills,
    instrument: ABC.id,
  })
  expect(run.fills).toBeGreaterThan(30)
  expect(await broken(fresh.asOwner, tenant)).toEqual([])
  const states = await fresh.asOwner<{ state: string }>('SELECT DISTINCT state FROM orders WHERE tenant_id = $1', [
    tenant,
  ])
  expect(states.map(one => one.state).sort()).toEqual(expect.arrayContaining(['canceled', 'denied', 'filled']))

  const next = traderOver(journal)
  await next.trader.start()
  expect(stateOf(next.trader, setup.id)).toEqual(stateOf(trader, setup.id))
  await next.trader.stop()
})

test('of two writers the second is refused, ends, and goes on from what the first has stored', async () => {
  const tenant = freshTenant()
  const first = traderOver(journalOf(fresh.db, tenant))
  await first.trader.start()
  const setup = setupOf('trading', { tenant })
  await first.trader.startRun(setup)
  const second = traderOver(journalOf(fresh.db, tenant))
  await second.trader.start()
  first.trader.onMarket(flat(0, 100))
  await eventually(() => first.trader.records.get(setup.id)!.openOrders === 2)
  second.trader.onMarket(flat(0, 200))
  await eventually(() => second.trader.state === 'halted')
  expect(await broken(fresh.asOwner, tenant)).toEqual([])
  await second.advance(1_000)
  await eventually(() => second.trader.state === 'running')
  expect(stateOf(second.trader, setup.id)).toEqual(stateOf(first.trader, setup.id))
  await first.trader.stop()
  await second.trader.stop()
})

test('a batch of more events than the log takes at once is committed whole', async () => {
  const tenant = freshTenant()
  const flooding = strategyOf('flooding', {
    onTrade(_, context) {
      for (let i = 0; i < 6_000; i++) context.place({ side: 'buy', type: 'limit', price: 500, quantity: 1, reason: '' })
    },
  })
  const { trader } = traderOver(journalOf(fresh.db, tenant), flooding)
  await trader.start()
  await trader.startRun(setupOf('flooding', { tenant }))
  trader.onMarket(trade(NOON + 1, 100))
  await trader.stop()
  const [count] = await fresh.asOwner('SELECT count(*)::int AS orders FROM orders WHERE tenant_id = $1', [tenant])
  expect(count).toEqual({ orders: 6_000 })
  expect(await broken(fresh.asOwner, tenant)).toEqual([])
})

test('what a strategy or its error says never keeps a commit from going through', async () => {
  const tenant = freshTenant()
  const rude = strategyOf('rude', {
    onCandle(_, context) {
      context.place({ side: 'buy', quantity: 1, reason: 'null \0 and half \ud83d' })
      throw new Error(`${'x'.repeat(499)}\u{1f4a5}`)
    },
  })
  const { trader } = traderOver(journalOf(fresh.db, tenant), rude)
  await trader.start()
  const setup = setupOf('rude', { tenant })
  await trader.startRun(setup)
  trader.onMarket(flat(0, 100))
  await trader.stop()
  const [row] = await fresh.asOwner('SELECT status, error FROM run WHERE tenant_id = $1', [tenant])
  expect(row).toEqual({ status: 'failed', error: `${'x'.repeat(499)}\ufffd` })
})

test('SC-98: with PostgreSQL stopped the kill switch works; when it is back the trader goes on and the books agree', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-kill-'))
  let postgres = await startPostgres({ dataDir, log: silentLog, durable: false })
  const connect = () => createDatabase({ url: roleUrl(postgres.url, 'bourse_app'), connectionsMax: 2, log: silentLog })
  onTestFinished(async () => {
    await current.close()
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  await migrate(postgres.url)
  let current = connect()
  // A new start listens on a new port: the handle goes on with it.
  const db: Database = { ...current, tenant: (...args) => current.tenant(...args) }
  const tenant = freshTenant()
  const { trader, latch, clock, advance } = traderOver(journalOf(db, tenant))
  await trader.start()
  const setup = setupOf('trading', { tenant })
  await trader.startRun(setup)
  for (let n = 0; n < 5; n++) {
    clock.set(NOON + (n + 1) * MINUTE)
    trader.onMarket(flat(n, 100))
  }
  await eventually(() => trader.records.get(setup.id)!.openOrders > 0)

  await postgres.stop()
  const open = trader.runs.get(setup.id)!.openOrderCount
  expect(open).toBeGreaterThan(0)
  trader.kill('Ada', 'the database is gone')
  expect(latch.read()).toMatchObject({ by: 'Ada' })
  const lines = trader.receipt.lines(clock.now())
  expect(lines).toHaveLength(open)
  expect(new Set(lines.map(line => line.outcome))).toEqual(new Set(['confirmed']))
  await eventually(() => trader.state === 'halted')
  await advance(3_000)
  expect(trader.state).toBe('halted')

  await current.close()
  postgres = await startPostgres({ dataDir, log: silentLog, durable: false })
  current = connect()
  await eventually(async () => {
    await advance(1_000)
    return trader.state === 'running' && trader.records.get(setup.id)?.openOrders === 0
  })
  expect(await broken((sql, values) => query(postgres.url, sql, values), tenant)).toEqual([])
  expect(await query(postgres.url, `SELECT count(*)::int AS n FROM orders WHERE is_open`)).toEqual([{ n: 0 }])
  expect(
    await query(postgres.url, `SELECT data->>'reason' AS why FROM event WHERE type = 'kill_switch.pulled'`),
  ).toEqual([{ why: 'the database is gone' }])
  const before = trader.runs.get(setup.id)!.snapshot().ordersPlaced
  trader.onMarket(flat(9, 100))
  expect(trader.runs.get(setup.id)!.snapshot().ordersPlaced).toBe(before)
  await trader.stop()
})
