import { expect, test } from 'vitest'
import { silentLog, systemTimers } from '../../platform/index.ts'
import { freshDatabase, freshTenant } from '../../platform/testing.ts'
import { beginTrading, LIMITS, limit, NAIVE, openMarket, openThreaded } from '../fake.ts'
import { verifyExchange } from '../verify.ts'
import { JournalWriter } from './writer.ts'

const timers = systemTimers()

test('a writer that pauses goes exactly as far as it is told, and on from there when it may', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const { exchange, shards } = await openMarket(fresh, tenant)
  const { shard, projector } = shards.parts[0]!
  await projector.reached(shard.replica.sequence)
  const start = shard.replica.sequence
  await projector.stop()
  // Each is a row of its own, since each is waited for.
  for (let i = 1; i <= 6; i++) await exchange.place('alice', limit('sell', '10.00', String(i)))
  const told: number[] = []
  const writer = new JournalWriter({
    name: { tenant, shard: 0 },
    db: fresh.db,
    maker: NAIVE,
    limits: LIMITS,
    post: async () => {},
    onWritten: sequence => told.push(sequence - start),
    timers,
    log: silentLog,
  })
  const stored = async () =>
    (await fresh.asOwner<{ id: string }>('SELECT id FROM exchange_order ORDER BY id')).map(
      ({ id }) => Number(id) - start,
    )
  expect(await writer.pause()).toBe(true)
  writer.follow(start + 5)
  expect(await writer.goTo(start + 3)).toBe(true)
  expect([told.at(-1), await stored()]).toEqual([3, [1, 2, 3]])
  writer.follow(start + 6)
  expect(await stored()).toEqual([1, 2, 3])
  writer.goOn()
  await writer.stop()
  expect([told.at(-1), await stored()]).toEqual([6, [1, 2, 3, 4, 5, 6]])
  expect(told[0]).toBe(0)
  expect(await writer.pause()).toBe(false)
  await shards.stop()
})

test('written by a thread, the history and the ledger are those of the journal, and are read between two commands', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const { exchange, shards } = openThreaded(fresh, tenant)
  await beginTrading(shards)
  const { shard, projector } = shards.parts[0]!
  // Refused, all of them: alice has no money. They are commands all the same.
  const placed = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) => exchange.place('alice', limit('buy', '10.00', '1', { clientId: `c${i}` }))),
  )
  expect(new Set(placed.map(({ status }) => status))).toEqual(new Set(['rejected']))
  const read = await projector.inspect(
    () => shard.replica.sequence,
    async tx => (await tx.selectFrom('exchange_checkpoint').select('sequence').executeTakeFirstOrThrow()).sequence,
  )
  expect(read).toBe(shard.replica.sequence)
  await shards.written()
  await shards.stop()
  const [verdict] = await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS })
  expect(verdict).toMatchObject({ differences: [], written: verdict!.commands })
})
