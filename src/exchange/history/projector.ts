import { AppError } from '../../kernel/index.ts'
import type { Database, TenantTx } from '../../platform/index.ts'
import type { ShardName } from '../shard/journal.ts'
import type { HistoryWriter } from './writer.ts'

/** Those who may wait for a history that is behind. */
const WAITING_MAX = 10_000

/** How the writer of a shard comes about: in a thread of its own in production. */
export type HistoryMaker = (name: ShardName, onWritten: (sequence: number) => void) => HistoryWriter

/** How far the history and the ledger of a shard have been written, for those who wait for that or read them as they were. */
export class Projector {
  readonly #name: ShardName
  readonly #db: Database
  readonly #make: HistoryMaker
  #prepared: HistoryWriter | null = null
  #writer: HistoryWriter | null = null
  #written = 0
  #offered = 0
  #watchers: { readonly sequence: number; readonly resolve: () => void }[] = []
  #isInspecting = false
  #begun: () => void = () => {}
  /** Resolves once a writer has told for the first time how far the history goes. */
  readonly ready = new Promise<void>(resolve => {
    this.#begun = resolve
  })

  constructor(options: { readonly name: ShardName; readonly db: Database; readonly history: HistoryMaker }) {
    this.#name = options.name
    this.#db = options.db
    this.#make = options.history
  }

  /** The last command whose history has been written. */
  get written(): number {
    return this.#written
  }

  /** Commands whose history has not been written yet. */
  get lag(): number {
    return Math.max(0, this.#offered - this.#written)
  }

  /** Has a writer at hand, so that a take-over need not wait for one. */
  prepare(): void {
    this.#prepared ??= this.#make(this.#name, written => this.#reach(written))
  }

  /** Begins to write, from the checkpoint on; `sequence` is where the shard stands. */
  start(sequence: number): void {
    this.prepare()
    this.#writer = this.#prepared
    this.#prepared = null
    this.follow(sequence)
  }

  /** The shard stands here now. */
  follow(sequence: number): void {
    this.#offered = sequence
    this.#writer?.follow(sequence)
  }

  /** Resolves once a command's history has been written, or at once when nobody writes here. @throws AppError `exchange.busy` */
  reached(sequence: number): Promise<void> {
    if (this.#writer === null || this.#written >= sequence) return Promise.resolve()
    if (this.#watchers.length >= WAITING_MAX)
      return Promise.reject(new AppError('exchange.busy', { rule: `${WAITING_MAX} wait for the history already` }))
    return new Promise(resolve => this.#watchers.push({ sequence, resolve }))
  }

  /**
   * Reads the books exactly as they are after a command, before anything of a later one is written. `capture` says which: where
   * the shard stands when it is called. Null when they cannot be written up to there now, or are being read already.
   */
  async inspect<T>(capture: () => number, read: (tx: TenantTx) => Promise<T>): Promise<T | null> {
    const writer = this.#writer
    if (writer === null || this.#isInspecting) return null
    this.#isInspecting = true
    try {
      if (!(await writer.pause())) return null
      // Nothing beyond what was followed is written, so the books are not past this.
      if (!(await writer.goTo(capture()))) return null
      return await this.#db.tenant(this.#name.tenant, read)
    } finally {
      this.#isInspecting = false
      writer.goOn()
    }
  }

  /** Writes what waits, and stops. */
  async stop(): Promise<void> {
    const writers = [this.#writer, this.#prepared]
    this.#writer = null
    this.#prepared = null
    this.#begun()
    for (const writer of writers) await writer?.stop()
    for (const { resolve } of this.#watchers.splice(0)) resolve()
  }

  #reach(sequence: number): void {
    this.#begun()
    this.#written = sequence
    const reached = this.#watchers.filter(watcher => watcher.sequence <= sequence)
    this.#watchers = this.#watchers.filter(watcher => watcher.sequence > sequence)
    for (const { resolve } of reached) resolve()
  }
}
