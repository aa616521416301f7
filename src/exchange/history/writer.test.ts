import { expect, test } from 'vitest'
import { silentLog, systemTimers } from '../../platform/index.ts'
import { freshDatabase, freshTenant } from '../../platform/testing.ts'
import { beginTrading, LIMITS, limit, NAIVE, openMarket, openThreaded } from '../fake.ts'
import { parseOrderId } from '../orders.ts'
import { verifyExchange } from '../verify.ts'
import { JournalWriter } from './writer.ts'

const timers = systemTimers()

test('a writer that pauses goes exactly as far as it is told, and on from there when it may', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const { exchange, shards } = await openMarket(fresh, tenant)
  const { projector } = shards.parts[0]!
  await projector.stop()
  const start = projector.written
  // Each ends a row, since each is waited for; time may be told between them.
  const at: number[] = []
  for (let i = 1; i <= 6; i++)
    at.push(parseOrderId((await exchange.place('alice', limit('sell', '10.00', String(i)))).id).id)
  const told: number[] = []
  const writer = new JournalWriter({
    name: { tenant, shard: 0 },
    db: fresh.db,
    maker: NAIVE,
    limits: LIMITS,
    post: async () => {},
    onWritten: sequence => told.push(sequence),
    timers,
    log: silentLog,
  })
  const stored = async () =>
    (await fresh.asOwner<{ id: string }>('SELECT id FROM exchange_order ORDER BY id')).map(({ id }) => Number(id))
  expect(await writer.pause()).toBe(true)
  writer.follow(at[4]!)
  expect(await writer.goTo(at[2]!)).toBe(true)
  expect([told.at(-1), await stored()]).toEqual([at[2], at.slice(0, 3)])
  writer.follow(at[5]!)
  expect(await stored()).toEqual(at.slice(0, 3))
  writer.goOn()
  await writer.stop()
  expect([told.at(-1), await stored()]).toEqual([at[5], at])
  expect(told[0]).toBe(start)
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
  // Time goes on meanwhile, and is told to the shard.
  let captured = 0
  const capture = () => {
    captured = shard.replica.sequence
    return captured
  }
  const read = await projector.inspect(
    capture,
    async tx => (await tx.selectFrom('exchange_checkpoint').select('sequence').executeTakeFirstOrThrow()).sequence,
  )
  expect(read).toBe(captured)
  await shards.written()
  await shards.stop()
  const [verdict] = await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS })
  expect(verdict).toMatchObject({ differences: [], written: verdict!.commands })
})
