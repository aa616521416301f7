import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import {
  accepted,
  type Fill,
  fold,
  type OrderId,
  type RunId,
  seededIds,
  seededRandom,
  type TenantId,
} from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../platform/testing.ts'
import { ABC, NOON, setupOf } from './fake.ts'
import { type Order, orderDecider } from './orders/order.ts'
import { FLAT } from './portfolio/position.ts'
import { equitySince, fillsOf, ordersOf, runsOf, saveEquity, saveFills, saveOrders, saveRun } from './store.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const ids = seededIds(seededRandom('store'))

/** A tenant with one run. */
async function tenantWithRun(): Promise<{ tenant: TenantId; run: RunId }> {
  const tenant = freshTenant()
  const run = ids.next() as RunId
  await fresh.db.tenant(tenant, tx => newRun(tx, run))
  return { tenant, run }
}

const newRun = (tx: TenantTx, run: RunId) =>
  saveRun(tx, {
    setup: setupOf('any', { id: run, tenant: tx.tenant }),
    status: 'running',
    error: null,
    holding: FLAT,
    fills: 0,
    position: 0,
    openOrders: 0,
    life: { sequence: 1, startedAt: NOON, stoppedAt: null },
    snapshot: '{}',
  })

/** An order placed at a time; closed ones have filled whole. */
function orderAt(at: number, id: string, isClosed = false): Order {
  const request = {
    id: id as OrderId,
    instrument: ABC.id,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    quantity: 10,
    price: 99,
  } as const
  const fill = { id: 'f', price: 99, quantity: 10, liquidity: 'maker' as const, fee: 1n }
  const commands = [
    { type: 'initialize', at, request, reason: 'test' },
    { type: 'submit', at },
    ...(isClosed ? [{ type: 'report', at, report: { type: 'filled', order: request.id, fill, at } } as const] : []),
  ] as const
  return commands.reduce<Order | null>(
    (order, command) => fold(orderDecider, accepted(orderDecider.decide(order, command)), order),
    null,
  )!
}
const fillOf = (order: string): Fill => ({
  id: 'f',
  order: order as OrderId,
  instrument: ABC.id,
  side: 'buy',
  price: 99,
  quantity: 10,
  liquidity: 'maker',
  fee: 1n,
  at: NOON,
})

test('an order is read as it was written, and again after it has changed', async () => {
  const { tenant, run } = await tenantWithRun()
  const read = () => fresh.db.tenant(tenant, tx => ordersOf(tx, { limit: 10 }))
  await fresh.db.tenant(tenant, tx => saveOrders(tx, run, ABC, [orderAt(NOON, 'a')]))
  expect(await read()).toEqual([
    {
      id: 'a',
      run,
      runName: 'test',
      strategy: 'any',
      instrument: 'paper:ABC/USD',
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      state: 'submitted',
      price: '99',
      triggerPrice: null,
      quantity: '10',
      filled: '0',
      averagePrice: null,
      fees: '0',
      reason: 'test',
      createdAt: NOON,
      updatedAt: NOON,
    },
  ])
  await fresh.db.tenant(tenant, tx => saveOrders(tx, run, ABC, [orderAt(NOON, 'a', true)]))
  expect(await read()).toMatchObject([{ state: 'filled', filled: '10', averagePrice: '99.0000', fees: '1' }])
})

test('a fill that is booked twice breaks its transaction, and nothing of it stays', async () => {
  const { tenant, run } = await tenantWithRun()
  await fresh.db.tenant(tenant, async tx => {
    await saveOrders(tx, run, ABC, [orderAt(NOON, 'a', true)])
    await saveFills(tx, run, ABC, [fillOf('a')])
  })
  const twice = fresh.db.tenant(tenant, async tx => {
    await saveEquity(tx, [{ run, at: NOON, equity: '1.00' }])
    await saveFills(tx, run, ABC, [fillOf('a')])
  })
  await expect(twice).rejects.toMatchObject({ code: 'state.conflict' })
  expect(await fresh.db.tenant(tenant, tx => equitySince(tx, 0, 10))).toEqual([])
  expect(await fresh.db.tenant(tenant, tx => fillsOf(tx, { limit: 10 }))).toHaveLength(1)
})

test('the database itself refuses an order that filled more than it wished', async () => {
  const { tenant, run } = await tenantWithRun()
  const order = { ...orderAt(NOON, 'a'), filled: 11 }
  await expect(fresh.db.tenant(tenant, tx => saveOrders(tx, run, ABC, [order]))).rejects.toThrow(/check constraint/)
})

test('pages by cursor give every order once, newest first, also where many have the same time', async () => {
  const { tenant, run } = await tenantWithRun()
  const random = seededRandom('pages')
  // 203 orders on 20 times, so that pages break within a time.
  const orders = Array.from({ length: 203 }, (_, i) => orderAt(NOON + random.below(20), `o${i}`, i % 3 === 0))
  await fresh.db.tenant(tenant, tx => saveOrders(tx, run, ABC, orders))
  const expected = orders
    .map(({ createdAt, request: { id } }) => ({ createdAt, id: id as string }))
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
  for (const limit of [1, 7, 50, 203, 500]) {
    const seen: { createdAt: number; id: string }[] = []
    let before: { createdAt: number; id: string } | undefined
    for (;;) {
      const page = await fresh.db.tenant(tenant, tx => ordersOf(tx, { limit, before }), { readOnly: true })
      seen.push(...page.map(({ createdAt, id }) => ({ createdAt, id })))
      if (page.length < limit) break
      before = seen.at(-1)
    }
    expect(seen).toEqual(expected)
  }
  const count = async (state: 'open' | 'closed') =>
    (await fresh.db.tenant(tenant, tx => ordersOf(tx, { state, limit: 500 }))).length
  expect([await count('closed'), await count('open')]).toEqual([68, 135])
})

test('more rows than one statement takes are written all the same', async () => {
  const { tenant, run } = await tenantWithRun()
  const orders = Array.from({ length: 4_500 }, (_, i) => orderAt(NOON + i, `o${i}`, true))
  await fresh.db.tenant(tenant, async tx => {
    await saveOrders(tx, run, ABC, orders)
    await saveFills(
      tx,
      run,
      ABC,
      orders.map(order => fillOf(order.request.id)),
    )
  })
  const counts = await fresh.asOwner(
    'SELECT (SELECT count(*)::int FROM orders WHERE tenant_id = $1) AS orders, (SELECT count(*)::int FROM fill WHERE tenant_id = $1) AS fills',
    [tenant],
  )
  expect(counts).toEqual([{ orders: 4_500, fills: 4_500 }])
})

test('equity is thinned in time, the newest kept, every run at every time that is shown', async () => {
  const { tenant, run } = await tenantWithRun()
  const other = ids.next() as RunId
  const points = Array.from({ length: 1_000 }, (_, i) => [
    { run, at: NOON + i, equity: `${i}.00` },
    { run: other, at: NOON + i, equity: `${2 * i}.00` },
  ]).flat()
  await fresh.db.tenant(tenant, tx => saveEquity(tx, points))
  await fresh.db.tenant(tenant, tx => saveEquity(tx, points.slice(0, 10)))
  const since = (from: number, limit: number) => fresh.db.tenant(tenant, tx => equitySince(tx, from, limit))
  const thin = await since(NOON, 100)
  const times = [...new Set(thin.map(point => point.at))]
  expect([times.length, times.at(-1), thin.length]).toEqual([100, NOON + 999, 200])
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(thin.filter(point => point.run === run).every(point => point.equity === `${point.at - NOON}.00`)).toBe(true)
  expect(await since(NOON + 997, 100)).toHaveLength(6)
  expect(new Set((await since(NOON, 300)).map(point => point.at)).size).toBe(250) // every fourth: at most 300
  expect(await since(NOON + 1_000, 100)).toEqual([])
})

test('SC-52 SC-57: of another tenant nothing is seen, written, changed or deleted, even by SQL that forgets to ask', async () => {
  const ours = await tenantWithRun()
  const theirs = await tenantWithRun()
  for (const { tenant, run } of [ours, theirs])
    await fresh.db.tenant(tenant, async tx => {
      await saveOrders(tx, run, ABC, [orderAt(NOON, 'same-id', true)])
      await saveFills(tx, run, ABC, [fillOf('same-id')])
      await saveEquity(tx, [{ run, at: NOON, equity: '1.00' }])
    })
  await fresh.db.tenant(ours.tenant, async tx => {
    expect((await runsOf(tx)).map(row => row.id)).toEqual([ours.run])
    expect((await ordersOf(tx, { limit: 100 })).map(order => order.run)).toEqual([ours.run])
    expect(await ordersOf(tx, { limit: 100, run: theirs.run })).toEqual([])
    expect((await fillsOf(tx, { limit: 100 })).map(fill => fill.run)).toEqual([ours.run])
    expect((await equitySince(tx, 0, 100)).map(point => point.run)).toEqual([ours.run])
    for (const table of ['run', 'orders', 'fill', 'equity_point']) {
      const { rows } = await sql<{ tenant_id: string }>`SELECT tenant_id FROM ${sql.table(table)}`.execute(tx)
      expect([table, rows.map(row => row.tenant_id)]).toEqual([table, [ours.tenant]])
    }
    await sql`UPDATE orders SET reason = 'changed'`.execute(tx)
    await sql`UPDATE run SET name = 'changed'`.execute(tx)
  })
  const left = await fresh.asOwner(
    'SELECT o.reason, r.name FROM orders o JOIN run r ON r.tenant_id = o.tenant_id WHERE o.tenant_id = $1',
    [theirs.tenant],
  )
  expect(left).toEqual([{ reason: 'test', name: 'test' }])
  const forge = (statement: (tx: TenantTx) => Promise<unknown>) => fresh.db.tenant(ours.tenant, statement)
  await expect(
    forge(tx => sql`INSERT INTO equity_point VALUES (${theirs.tenant}, ${theirs.run}, ${NOON + 1}, 1)`.execute(tx)),
  ).rejects.toThrow(/row-level security/)
  await expect(forge(tx => sql`UPDATE run SET tenant_id = ${theirs.tenant}`.execute(tx))).rejects.toThrow(
    /row-level security/,
  )
})

test('fills and equity are append-only', async () => {
  const { tenant } = await tenantWithRun()
  for (const table of ['fill', 'equity_point'])
    for (const statement of [
      sql`UPDATE ${sql.table(table)} SET at = 0`,
      sql`DELETE FROM ${sql.table(table)}`,
      sql`TRUNCATE ${sql.table(table)}`,
    ])
      await expect(fresh.db.tenant(tenant, tx => statement.execute(tx))).rejects.toThrow(/permission denied/)
})
