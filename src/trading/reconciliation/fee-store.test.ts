import { beforeAll, expect, test } from 'vitest'
import {
  accepted,
  type Fill,
  fold,
  MICROS_PER_HOUR,
  type OrderId,
  type RunId,
  seededIds,
  seededRandom,
} from '../../kernel/index.ts'
import { eventTypes } from '../../platform/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../../platform/testing.ts'
import { ABC, NOON, setupOf } from '../fake.ts'
import { orderDecider } from '../orders/order.ts'
import { FLAT } from '../portfolio/position.ts'
import { saveFills, saveOrders, saveRun } from '../store.ts'
import { reconciliationEvents } from './events.ts'
import { databaseReconciliation } from './journal.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const ids = seededIds(seededRandom('fees'))
const journalOf = (tenant = freshTenant()) => ({
  tenant,
  journal: databaseReconciliation({ db: fresh.db, tenant, ids, types: eventTypes(reconciliationEvents) }),
})

test('schedules are kept by when they were seen, each tenant its own', async () => {
  const { journal } = journalOf()
  const see = (hour: number, makerPpm: number) =>
    journal.seeFees(ABC.venue, {
      at: NOON + hour * MICROS_PER_HOUR,
      fees: [{ instrument: ABC.id, makerPpm, takerPpm: 2_600 }],
    })
  await see(0, 1_600)
  await see(1, 1_600)
  await see(2, 1_400)
  await see(3, 1_600)
  const period = (from: number, until: number, makerPpm: number) => ({
    instrument: ABC.id,
    makerPpm,
    takerPpm: 2_600,
    from: NOON + from * MICROS_PER_HOUR,
    until: NOON + until * MICROS_PER_HOUR,
  })
  expect(await journal.fees(ABC.venue)).toEqual([period(0, 1, 1_600), period(2, 2, 1_400), period(3, 3, 1_600)])
  expect(await journal.fees('okx')).toEqual([])
  expect(await journalOf().journal.fees(ABC.venue)).toEqual([])
})

test('booked fees are told as they were charged, of one venue and from a time on', async () => {
  const { journal, tenant } = journalOf()
  const run = ids.next() as RunId
  const id = `${run}-1` as OrderId
  const request = {
    id,
    instrument: ABC.id,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    quantity: 10,
    price: 99,
  } as const
  const order = fold(
    orderDecider,
    accepted(orderDecider.decide(null, { type: 'initialize', at: NOON, request, reason: null })),
  )
  const fill = (name: string, at: number, change: Partial<Fill> = {}): Fill => ({
    id: name,
    order: id,
    instrument: ABC.id,
    side: 'buy',
    price: 99,
    quantity: 5,
    liquidity: 'maker',
    fee: 3n,
    at,
    ...change,
  })
  await fresh.db.tenant(tenant, async tx => {
    await saveRun(tx, {
      setup: setupOf('any', { id: run, tenant }),
      status: 'running',
      error: null,
      holding: FLAT,
      fills: 0,
      position: 0,
      openOrders: 0,
      life: { sequence: 1, startedAt: NOON, stoppedAt: null },
      snapshot: '{}',
    })
    await saveOrders(tx, run, ABC, [order!])
    await saveFills(tx, run, ABC, [
      fill('old', NOON - 1),
      fill('b', NOON + 2, { liquidity: 'taker', feeIn: { asset: 'BNB', amount: '0.000123' } }),
      fill('a', NOON + 1),
    ])
  })
  expect(await journal.bookedFees(ABC.venue, NOON)).toMatchObject([
    { instrument: ABC.id, fill: 'a', liquidity: 'maker', feeAsset: ABC.quote, at: NOON + 1 },
    { fill: 'b', liquidity: 'taker', fee: '0.000123', feeAsset: 'BNB' },
  ])
  expect(await journal.bookedFees('okx', NOON)).toEqual([])
})
