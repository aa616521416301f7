import { parentPort, workerData } from 'node:worker_threads'
import { createFastEngine, restoreFastEngine } from '../../matching/index.ts'
import { createDatabase, monotonicMs, silentLog, systemClock, systemTimers } from '../../platform/index.ts'
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
const [clock, timers] = [systemClock(), systemTimers()]
/** It works about half of the time: what it takes of a processor's caches and of the database others would wait for. */
const COMMANDS_BETWEEN_RESTS = 1_000
const REST_MS = 5
let replica: Replica | null = null

async function take(): Promise<SnapshotMade> {
  const startedAt = monotonicMs()
  const following = replica ?? (await restore({ db, name, maker, limits }))
  // Kept once it has come to the end: one that failed on the way begins anew.
  replica = null
  let sinceRest = 0
  for await (const commands of readJournal(db, name, following.sequence)) {
    for (const command of commands) following.apply(command)
    sinceRest += commands.length
    if (sinceRest < COMMANDS_BETWEEN_RESTS) continue
    await new Promise<void>(resolve => timers.after(REST_MS, resolve))
    sinceRest = 0
  }
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
