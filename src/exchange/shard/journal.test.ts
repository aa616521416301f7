import { expect, test } from 'vitest'
import {
  acquireLease,
  type DatabaseSession,
  openSession,
  roleUrl,
  silentLog,
  systemTimers,
} from '../../platform/index.ts'
import { eventually, freshDatabase, freshTenant } from '../../platform/testing.ts'
import type { ShardCommand } from './command.ts'
import { appendBatch, leaseOf, readBatches } from './journal.ts'
import { latestSnapshot, saveSnapshot, snapshotHashes } from './snapshot-store.ts'

async function world() {
  const fresh = await freshDatabase()
  const name = { tenant: freshTenant(), shard: 0 }
  const url = roleUrl(fresh.ownerUrl, 'bourse_app')
  const open = () => openSession({ url, tenant: name.tenant, name: 'journal', log: silentLog })
  const own = async (session: DatabaseSession) =>
    (await acquireLease({ session, tenant: name.tenant, name: leaseOf(0), owner: 'test', timers: systemTimers() }))!
  const read = async () => {
    const batches = []
    for await (const { epoch, commands } of readBatches(fresh.db, name, 0))
      batches.push([epoch, ...commands.map(({ sequence }) => sequence)])
    return batches
  }
  return { fresh, name, open, own, read }
}

const ticks = (first: number, count = 1): ShardCommand[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'tick', sequence: first + i, at: first + i }))

test('an append with an older epoch writes nothing, though its session lives and its number is free', async () => {
  const { name, open, own, read } = await world()
  const [one, two] = [await open(), await open()]
  const first = await own(one)
  await appendBatch(one, name, first.epoch, ticks(1, 2))
  await first.release()
  const second = await own(two)
  await expect(appendBatch(one, name, first.epoch, ticks(3))).rejects.toMatchObject({
    code: 'exchange.lease_lost',
    details: { epoch: 1, sequence: 3 },
  })
  // An epoch that nobody has had yet is no better.
  await expect(appendBatch(two, name, second.epoch + 1, ticks(3))).rejects.toMatchObject({
    code: 'exchange.lease_lost',
  })
  await appendBatch(two, name, second.epoch, ticks(3))
  expect(await read()).toEqual([
    [1, 1, 2],
    [2, 3],
  ])
  await Promise.all([one.close(), two.close()])
})

test('a take-over waits for an append that is under way, and reads it', async () => {
  const { fresh, name, open, own, read } = await world()
  const [one, two] = [await open(), await open()]
  const first = await own(one)
  // As an append is while it commits: the statement is done, and its transaction open.
  await one.query('BEGIN')
  await appendBatch(one, name, first.epoch, ticks(1))
  await one.query('SELECT pg_advisory_unlock_all()')
  let isOwned = false
  const owning = own(two).then(lease => {
    isOwned = true
    return lease
  })
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO lease%'"
  await eventually(async () => (await fresh.asOwner(waiting)).length > 0)
  expect([isOwned, await read()]).toEqual([false, []])
  await one.query('COMMIT')
  expect((await owning).epoch).toBe(2)
  expect(await read()).toEqual([[1, 1]])
  await Promise.all([one.close(), two.close()])
})

test('batches are read in order over pages, and a gap is never passed over', async () => {
  const { fresh, name, open, own, read } = await world()
  const session = await open()
  const { epoch } = await own(session)
  for (const [first, count] of [
    [1, 12_000],
    [12_001, 1],
    [12_002, 15_000],
    [27_002, 25_000],
  ] as const)
    await appendBatch(session, name, epoch, ticks(first, count))
  expect((await read()).map(([, first, ...more]) => [first, more.length + 1])).toEqual([
    [1, 12_000],
    [12_001, 1],
    [12_002, 15_000],
    [27_002, 25_000],
  ])
  await fresh.asOwner('DELETE FROM exchange_journal WHERE first IN (12001, 12002)')
  await expect(read()).rejects.toMatchObject({ code: 'exchange.journal_unreadable', details: { sequence: 12_001 } })
  await session.close()
})

test('old snapshots are forgotten, but for the one from which history is written on', async () => {
  const { fresh, name } = await world()
  const save = (sequence: number) => saveSnapshot(fresh.db, name, { sequence, hash: 'h', state: ['{}'] }, sequence)
  const kept = async () => (await snapshotHashes(fresh.db, name)).map(({ sequence }) => sequence)
  for (const sequence of [10, 20, 30, 40, 50]) await save(sequence)
  expect(await kept()).toEqual([30, 40, 50])
  await fresh.asOwner('INSERT INTO exchange_checkpoint SELECT tenant_id, 0, 35 FROM exchange_snapshot LIMIT 1')
  for (const sequence of [60, 70, 80]) await save(sequence)
  expect(await kept()).toEqual([30, 60, 70, 80])
  expect(await latestSnapshot(fresh.db, name, 35)).toMatchObject({ sequence: 30 })
})
