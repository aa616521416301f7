import { assert, type Timer, type Timers } from '../../kernel/index.ts'
import type { EngineLimits } from '../../matching/index.ts'
import type { Database, Log, TenantTx } from '../../platform/index.ts'
import { type HouseMarket, marketOf } from '../listing.ts'
import { readJournal, type ShardName } from '../shard/journal.ts'
import type { Done } from '../shard/owner.ts'
import { type EngineMaker, type ListedAsset, Replica } from '../shard/replica.ts'
import { latestSnapshot } from '../shard/snapshot-store.ts'
import { checkedLines } from '../shard/state-lines.ts'
import { type Names, type Posting, project } from './projection.ts'
import { changeOrders, checkpointOf, insertFills, insertOrders, moveCheckpoint } from './store.ts'

/** Commands of one transaction, about: a row of the journal is not divided. */
const COMMANDS_PER_COMMIT = 5_000
const RETRY_MS = 500

/** Writes what a shard did into its history and the ledger, as far as it is told to. */
export interface HistoryWriter {
  /** The journal goes to here now, the end of one of its rows: what it did is to be written. */
  follow(sequence: number): void
  /** Resolves once nothing is being written, and nothing will be until {@link goTo} or {@link goOn}; false when it cannot be said. */
  pause(): Promise<boolean>
  /** While it pauses: writes up to this command, the end of a row, and pauses there; false when that fails. */
  goTo(sequence: number): Promise<boolean>
  goOn(): void
  /** Writes what it was told to follow to, and ends. */
  stop(): Promise<void>
}

/** Money of a stretch, to be posted in the same transaction, each posting once by its shard and sequence. */
export type Post = (tx: TenantTx, postings: readonly Posting[], assets: readonly ListedAsset[]) => Promise<void>

export interface JournalWriterOptions {
  readonly name: ShardName
  readonly db: Database
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  readonly post: Post
  /** History goes to here now; told first where it stood at the start. */
  readonly onWritten: (sequence: number) => void
  readonly timers: Timers
  readonly log: Log
}

/**
 * Follows the journal with a state of its own, from the checkpoint on: behind the acknowledgements, in the order of the journal,
 * each command once. A commit that fails is tried again from the checkpoint.
 */
export class JournalWriter implements HistoryWriter {
  readonly #options: JournalWriterOptions
  /** Stands at what has been written; null until it is restored. */
  #replica: Replica | null = null
  #markets: HouseMarket[] = []
  #written = 0
  /** How far the journal goes; below zero while there is nothing to do. */
  #target = -1
  /** Where it pauses. */
  #limit = Number.POSITIVE_INFINITY
  #running: Promise<void> | null = null
  #retry: Timer | null = null
  #isStopped = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
  }

  follow(sequence: number): void {
    this.#target = Math.max(this.#target, sequence)
    this.#runSoon()
  }

  async pause(): Promise<boolean> {
    this.#limit = 0
    await this.#running
    return !this.#isStopped
  }

  async goTo(sequence: number): Promise<boolean> {
    this.#limit = sequence
    this.#runSoon()
    await this.#running
    return this.#replica !== null && this.#written === sequence
  }

  goOn(): void {
    this.#limit = Number.POSITIVE_INFINITY
    this.#runSoon()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#retry?.cancel()
    this.#retry = null
    this.goOn()
    await this.#running
  }

  get #bound(): number {
    return Math.min(this.#target, this.#limit)
  }

  #runSoon(): void {
    if (this.#running !== null || this.#retry !== null || this.#limit === 0 || this.#target < 0) return
    if (this.#replica !== null && this.#written >= this.#bound) return
    this.#running = this.#run()
      .catch(error => {
        this.#options.log.warn({ error, shard: this.#options.name.shard }, 'history is not written now')
        this.#replica = null
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
    const { db, name } = this.#options
    const replica = this.#replica ?? (await this.#restore())
    this.#replica = null
    while (replica.sequence < this.#bound) {
      const before = replica.sequence
      let stretch: Done[] = []
      for await (const commands of readJournal(db, name, before)) {
        if (commands.at(-1)!.sequence > this.#bound) break
        for (const command of commands) {
          const done = { command, reports: replica.apply(command) }
          if (command.sequence > this.#written) stretch.push(done)
        }
        if (stretch.length < COMMANDS_PER_COMMIT) continue
        await this.#write(replica, stretch)
        stretch = []
      }
      if (stretch.length > 0) await this.#write(replica, stretch)
      if (replica.sequence === before) break
    }
    this.#replica = replica
  }

  /** As the newest snapshot at or before the checkpoint has it. */
  async #restore(): Promise<Replica> {
    const { db, name, maker, limits } = this.#options
    this.#reach(await db.tenant(name.tenant, tx => checkpointOf(tx, name.shard)))
    const snapshot = await latestSnapshot(db, name, this.#written)
    const state = snapshot === null ? undefined : checkedLines(snapshot.sequence, snapshot.state, snapshot.hash)
    return new Replica(maker, limits, state)
  }

  async #write(replica: Replica, stretch: readonly Done[]): Promise<void> {
    const { db, name, post } = this.#options
    const [first, last] = [stretch[0]!.command.sequence, stretch.at(-1)!.command.sequence]
    assert(first === this.#written + 1, 'history is written without a gap')
    const { orders, changes, fills, postings } = project(stretch, this.#namesOf(replica))
    await db.tenant(name.tenant, async tx => {
      await moveCheckpoint(tx, name.shard, first - 1, last)
      await insertOrders(tx, name.shard, orders)
      await changeOrders(tx, name.shard, changes)
      await insertFills(tx, name.shard, fills)
      if (postings.length > 0) await post(tx, postings, replica.assets)
    })
    this.#reach(last)
  }

  #namesOf({ instruments, assets, owners }: Replica): Names {
    this.#markets = instruments.map((listed, number) => this.#markets[number] ?? marketOf(listed, number, assets))
    return {
      market: instrument => this.#markets[instrument]!,
      owner: account => owners[account]!,
      asset: asset => assets[asset]!.code,
    }
  }

  #reach(sequence: number): void {
    this.#written = sequence
    this.#options.onWritten(sequence)
  }
}
