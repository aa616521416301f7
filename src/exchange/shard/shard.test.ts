import { expect, test } from 'vitest'
import { createFastEngine, restoreFastEngine } from '../../matching/index.ts'
import { roleUrl, silentLog, systemClock, systemTimers } from '../../platform/index.ts'
import { eventually, freshDatabase, freshTenant } from '../../platform/testing.ts'
import { LIMITS } from '../fake.ts'
import { Shard } from './shard.ts'
import type { SnapshotEvery } from './snapshots.ts'

/** A shard that says after which commands it wished for a snapshot. */
async function owned(snapshotEvery: SnapshotEvery) {
  const fresh = await freshDatabase()
  const wishes: number[] = []
  const shard: Shard = new Shard({
    name: { tenant: freshTenant(), shard: 0 },
    maker: { create: createFastEngine, restore: restoreFastEngine },
    limits: LIMITS,
    db: fresh.db,
    url: roleUrl(fresh.ownerUrl, 'bourse_app'),
    owner: 'test',
    clock: systemClock(),
    timers: systemTimers(),
    log: silentLog,
    snapshots: () => ({ take: () => wishes.push(shard.replica.sequence), close: async () => {} }),
    snapshotEvery,
  })
  await shard.start()
  await eventually(() => shard.state === 'owning')
  return { shard, wishes }
}

test('a snapshot is wished for after so many commands', async () => {
  const { shard, wishes } = await owned({ commands: 10, rows: 1_000 })
  for (let n = 0; n < 5; n++) await Promise.all(Array.from({ length: 6 }, () => shard.submit({ kind: 'tick' })))
  expect(wishes).toEqual([12, 24])
  await shard.stop()
})

test('and after so many rows of the journal, however few commands are in them', async () => {
  const { shard, wishes } = await owned({ commands: 1_000, rows: 4 })
  for (let n = 0; n < 10; n++) await shard.submit({ kind: 'tick' })
  expect(wishes).toEqual([4, 8])
  await shard.stop()
})
