import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { PERMISSIONS, type Permission } from '../../src/kernel/index.ts'
import { eventually } from '../../src/platform/testing.ts'
import {
  EquityPoint,
  EventView,
  FillView,
  KillSwitchView,
  OrderHistoryView,
  OrderView,
  PositionView,
  RunView,
  StrategyView,
} from '../../src/trading/index.ts'

import {
  ask,
  audit,
  fresh,
  good,
  type Method,
  ordersOf,
  ours,
  serveTrading,
  start,
  theirs,
  time,
  trade2,
} from './trading-server.ts'

serveTrading()

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
