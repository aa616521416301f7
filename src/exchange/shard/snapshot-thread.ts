import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createFastEngine, restoreFastEngine } from '../../matching/index.ts'
import { createDatabase, monotonicMs, silentLog, systemClock } from '../../platform/index.ts'
import { readJournal } from './journal.ts'
import type { Replica } from './replica.ts'
import { restore } from './shard.ts'
import { saveSnapshot } from './snapshot-store.ts'
import type { SnapshotMade, SnapshotThread } from './snapshots.ts'
import { hashOf } from './state-lines.ts'

/** Follows a shard's journal and stores its state as often as it is asked to: see `snapshots.ts`. */
const { url, tenant, shard, limits } = workerData as SnapshotThread
const name = { tenant, shard }
const maker = { create: createFastEngine, restore: restoreFastEngine }
const db = createDatabase({ url, connectionsMax: 1, log: silentLog })
const clock = systemClock()
const LOWEST = 19
let replica: Replica | null = null
// There a priority is that of the thread alone: whoever carries out commands goes first.
if (process.platform === 'linux') setPriority(LOWEST)

async function take(): Promise<SnapshotMade> {
  const startedAt = monotonicMs()
  const following = replica ?? (await restore({ db, name, maker, limits }))
  // Kept once it has come to the end: one that failed on the way begins anew.
  replica = null
  for await (const commands of readJournal(db, name, following.sequence))
    for (const command of commands) following.apply(command)
  const { sequence } = following
  const state = [...following.state()]
  await saveSnapshot(db, name, { sequence, hash: hashOf(state), state }, clock.now())
  replica = following
  return { sequence, ms: Math.round(monotonicMs() - startedAt) }
}

parentPort!.on('message', async () => {
  const made = await take().catch((error): SnapshotMade => ({ error: String(error) }))
  parentPort!.postMessage(made)
})
