import type { Worker } from 'node:worker_threads'
import type { EngineLimits } from '../../matching/index.ts'
import type { Log } from '../../platform/index.ts'
import { PRIORITY, SOURCES, startThread } from '../threads.ts'
import type { ShardName } from './journal.ts'

/** What is between two snapshots at most: commands, and rows of the journal that they are in. */
export interface SnapshotEvery {
  readonly commands: number
  readonly rows: number
}

/** What a start may have to read and carry out, in a few seconds. */
export const SNAPSHOT_EVERY: SnapshotEvery = { commands: 500_000, rows: 20_000 }

/** Makes snapshots of a shard somewhere else than where its commands are carried out. */
export interface Snapshots {
  /** One of about here is wanted; returns at once. While one is being made another wish is dropped. */
  take(): void
  close(): Promise<void>
}

/** What the thread is given. */
export interface SnapshotThread extends ShardName {
  /** URL of the role `bourse_app`. */
  readonly url: string
  readonly limits: EngineLimits
}

/** What it answers to each wish. */
export type SnapshotMade = { readonly sequence: number; readonly ms: number } | { readonly error: string }

/** Snapshots by a thread that follows the journal with a state of its own: the owner pays one message for each. */
export function snapshotThread(
  given: SnapshotThread,
  log: Log,
  sources = SOURCES,
  priority: number = PRIORITY.snapshots,
): Snapshots {
  let isBusy = false
  const start = (): Worker => {
    const onMessage = (made: SnapshotMade) => {
      isBusy = false
      if ('error' in made) log.warn({ ...made, shard: given.shard }, 'no snapshot was stored; a start replays more')
      else log.info({ ...made, shard: given.shard }, 'a snapshot was stored')
    }
    const started = startThread('shard/snapshot-thread.ts', given, { priority, sources, onMessage })
    started.on('error', error => log.error({ error, shard: given.shard }, 'the thread that makes snapshots failed'))
    started.on('exit', () => {
      thread = null
      isBusy = false
    })
    return started
  }
  // Begun at once: to begin one holds up everything else here for some milliseconds.
  let thread: Worker | null = start()
  return {
    take() {
      if (isBusy) return
      isBusy = true
      thread ??= start()
      thread.postMessage('take')
    },
    async close() {
      await thread?.terminate()
    },
  }
}
