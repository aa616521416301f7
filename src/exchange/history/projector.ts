import { assert, type Timer, type Timers } from '../../kernel/index.ts'
import type { EngineLimits } from '../../matching/index.ts'
import type { Database, Log, TenantTx } from '../../platform/index.ts'
import { readJournal, type ShardName } from '../shard/journal.ts'
import type { Done } from '../shard/owner.ts'
import { type EngineMaker, Replica } from '../shard/replica.ts'
import { latestSnapshot } from '../shard/snapshot-store.ts'
import { checkedLines } from '../shard/state-lines.ts'
import { type Names, type Posting, project } from './projection.ts'
import { changeOrders, checkpointOf, insertFills, insertOrders, moveCheckpoint } from './store.ts'

/** Commands of one transaction. */
const COMMANDS_PER_COMMIT_MAX = 2_000
/** Commands that may wait to be written; past it they are dropped here, and made again from the journal. */
const WAITING_MAX = 200_000
const RETRY_MS = 500

export interface ProjectorOptions {
  readonly name: ShardName
  readonly db: Database
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  readonly names: Names
  /** Posts the money of a stretch in the same transaction, each posting once by its shard and sequence. */
  readonly post: (tx: TenantTx, postings: readonly Posting[]) => Promise<void>
  /** What was written. */
  readonly onWritten?: (batch: readonly Done[]) => void
  readonly timers: Timers
  readonly log: Log
}

/**
 * Writes what a shard did into its history and the ledger: behind the acknowledgements, in the order of the journal, each
 * command once. What is lost here with the process is made again by replaying the journal from the checkpoint.
 */
export class Projector {
  readonly #options: ProjectorOptions
  #waiting: Done[] = []
  /** The last command that was written, and the last that was offered. */
  #written = 0
  #offered = 0
  #isOverrun = false
  #running: Promise<void> | null = null
  #isStopped = true
  #retry: Timer | null = null
  #watchers: { sequence: number; resolve: () => void }[] = []
  #inspections: { readonly sequence: number; readonly run: (isThere: boolean) => Promise<void> }[] = []

  constructor(options: ProjectorOptions) {
    this.#options = options
  }

  /** The last command whose history has been written. */
  get written(): number {
    return this.#written
  }

  /** Commands whose history has not been written yet. */
  get lag(): number {
    return Math.max(0, this.#offered - this.#written)
  }

  /** Begins to write, from the checkpoint on; `sequence` is where the shard stands. */
  start(sequence: number): void {
    this.#isStopped = false
    this.#waiting = []
    this.#offered = sequence
    this.#isOverrun = true
    this.#runSoon()
  }

  offer(batch: readonly Done[]): void {
    if (this.#isStopped) return
    this.#offered = batch.at(-1)!.command.sequence
    if (this.#waiting.length + batch.length > WAITING_MAX) this.#overrun()
    if (!this.#isOverrun) for (const done of batch) this.#waiting.push(done)
    this.#runSoon()
  }

  /** Resolves once a command's history has been written, or at once when nobody writes here. */
  reached(sequence: number): Promise<void> {
    if (this.#isStopped || this.#written >= sequence) return Promise.resolve()
    return new Promise(resolve => this.#watchers.push({ sequence, resolve }))
  }

  /**
   * Reads the books exactly as they are after a command, before anything of a later one is written; null when they are past it
   * already, cannot be written now, or nobody writes here.
   */
  inspect<T>(sequence: number, read: (tx: TenantTx) => Promise<T>): Promise<T | null> {
    if (this.#isStopped || this.#written > sequence) return Promise.resolve(null)
    const { db, name } = this.#options
    return new Promise((resolve, reject) => {
      const run = async (isThere: boolean) => {
        if (!isThere) resolve(null)
        else await db.tenant(name.tenant, read).then(resolve, reject)
      }
      this.#inspections.push({ sequence, run })
      this.#runSoon()
    })
  }

  /** Writes what waits, and stops. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#retry?.cancel()
    this.#retry = null
    await this.#running
    for (const { resolve } of this.#watchers.splice(0)) resolve()
    for (const { run } of this.#inspections.splice(0)) await run(false)
  }

  #overrun(): void {
    this.#isOverrun = true
    this.#waiting = []
  }

  #runSoon(): void {
    if (this.#running !== null || this.#retry !== null) return
    if (!this.#isOverrun && this.#waiting.length === 0 && this.#inspections.length === 0) return
    this.#running = this.#run()
      .catch(error => {
        this.#options.log.warn({ error, shard: this.#options.name.shard }, 'history is not written now')
        this.#overrun()
        // Whoever wants to look at the books is not kept waiting for them.
        for (const { run } of this.#inspections.splice(0)) void run(false)
        if (this.#isStopped) return
        this.#retry = this.#options.timers.after(RETRY_MS, () => {
          this.#retry = null
          this.#runSoon()
        })
      })
      .finally(() => {
        this.#running = null
        if (!this.#isStopped) this.#runSoon()
      })
  }

  async #run(): Promise<void> {
    if (this.#isOverrun) await this.#catchUp()
    await this.#inspectHere()
    while (this.#waiting.length > 0) {
      const next = this.#inspections.reduce(
        (least, { sequence }) => Math.min(least, sequence - this.#written),
        COMMANDS_PER_COMMIT_MAX,
      )
      const stretch = this.#waiting.slice(0, next)
      await this.#write(stretch)
      await this.#inspectHere()
      this.#waiting = this.#waiting.slice(stretch.length)
    }
  }

  /** Replays the journal from the checkpoint to its end, writing on the way. */
  async #catchUp(): Promise<void> {
    const { db, name, maker, limits } = this.#options
    this.#reach(await db.tenant(name.tenant, tx => checkpointOf(tx, name.shard)))
    for (;;) {
      // From here on what is offered is kept again; the journal up to here is read.
      this.#isOverrun = false
      const end = this.#offered
      this.#waiting = []
      if (this.#written >= end) return
      const snapshot = await latestSnapshot(db, name, this.#written)
      const state = snapshot === null ? undefined : checkedLines(snapshot.sequence, snapshot.state, snapshot.hash)
      const replica = new Replica(maker, limits, state)
      let stretch: Done[] = []
      for await (const commands of readJournal(db, name, replica.sequence)) {
        for (const command of commands) {
          const done = { command, reports: replica.apply(command) }
          if (command.sequence > this.#written && command.sequence <= end) stretch.push(done)
        }
        if (stretch.length >= COMMANDS_PER_COMMIT_MAX) {
          await this.#write(stretch)
          stretch = []
        }
        if (replica.sequence >= end) break
      }
      if (stretch.length > 0) await this.#write(stretch)
      if (!this.#isOverrun) return
    }
  }

  async #write(stretch: readonly Done[]): Promise<void> {
    const { db, name, names, post, onWritten } = this.#options
    const [first, last] = [stretch[0]!.command.sequence, stretch.at(-1)!.command.sequence]
    assert(first === this.#written + 1, 'history is written without a gap')
    const { orders, changes, fills, postings } = project(stretch, names)
    await db.tenant(name.tenant, async tx => {
      await moveCheckpoint(tx, name.shard, first - 1, last)
      await insertOrders(tx, name.shard, orders)
      await changeOrders(tx, name.shard, changes)
      await insertFills(tx, name.shard, fills)
      if (postings.length > 0) await post(tx, postings)
    })
    this.#reach(last)
    onWritten?.(stretch)
  }

  async #inspectHere(): Promise<void> {
    const due = this.#inspections.filter(({ sequence }) => sequence <= this.#written)
    this.#inspections = this.#inspections.filter(({ sequence }) => sequence > this.#written)
    for (const { sequence, run } of due) await run(sequence === this.#written)
  }

  #reach(sequence: number): void {
    this.#written = sequence
    const reached = this.#watchers.filter(watcher => watcher.sequence <= sequence)
    this.#watchers = this.#watchers.filter(watcher => watcher.sequence > sequence)
    for (const { resolve } of reached) resolve()
  }
}
