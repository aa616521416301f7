import { AppError, assert, type Clock, type Micros } from '../../kernel/index.ts'
import type { NewCommand, ShardCommand } from './command.ts'
import type { Replica } from './replica.ts'
import type { Reports } from './report.ts'

/** Commands that may wait for a commit; past it they are refused, before anything of them is written. */
const COMMANDS_WAITING_MAX = 50_000
/** Commands of one commit. */
const BATCH_MAX = 4_000

/** A command that has been committed, and what came of it. */
export interface Done {
  readonly command: ShardCommand
  readonly reports: Reports
}

export interface OwnerOptions {
  readonly replica: Replica
  /** Makes commands durable; rejects when they are not, or when that is not known. */
  readonly append: (commands: readonly ShardCommand[]) => Promise<void>
  readonly clock: Clock
  /** What was committed and applied, before anybody who waits is answered. */
  readonly onBatch: (batch: readonly Done[]) => void
  /** A commit failed, or could not be carried out: nothing is written any more. Called once. */
  readonly onEnd: (error: unknown) => void
}

interface Waiting {
  readonly command: NewCommand
  readonly resolve: (done: Done) => void
  readonly reject: (error: unknown) => void
}

/**
 * The one writer of a shard, for as long as it owns it: numbers commands, commits them in batches, applies what is
 * committed, and only then answers. While one batch commits the next gathers. A failed commit ends it: what was in that
 * batch may or may not have happened, and the next owner's journal says which.
 */
export class ShardOwner {
  readonly #options: OwnerOptions
  #waiting: Waiting[] = []
  #committing: Promise<void> | null = null
  #ended: unknown = null
  #isClosing = false
  #at: Micros = 0

  constructor(options: OwnerOptions) {
    this.#options = options
    this.#at = options.replica.at
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Resolves once the command is durable and carried out, or refused by the engine: the reports say which.
   * @throws AppError `exchange.busy` and `exchange.unavailable`: nothing was written; with `outcome: 'unknown'` nobody knows
   */
  submit(command: NewCommand): Promise<Done> {
    if (this.#ended !== null || this.#isClosing) return Promise.reject(new AppError('exchange.unavailable'))
    if (this.#waiting.length >= COMMANDS_WAITING_MAX)
      return Promise.reject(new AppError('exchange.busy', { rule: `${COMMANDS_WAITING_MAX} commands wait already` }))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject })
      this.#commitSoon()
    })
  }

  /** Takes nothing more, and resolves when all that was taken is committed and answered. */
  async close(): Promise<void> {
    this.#isClosing = true
    while (this.#committing !== null) await this.#committing
  }

  /** Nothing is written any more: whoever waits is told so. */
  end(error: unknown): void {
    if (this.#ended !== null) return
    this.#ended = error
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(new AppError('exchange.unavailable', {}, { cause: error }))
    this.#options.onEnd(error)
  }

  #commitSoon(): void {
    if (this.#committing !== null || this.#waiting.length === 0 || this.#ended !== null) return
    this.#committing = this.#commit().finally(() => {
      this.#committing = null
      this.#commitSoon()
    })
  }

  async #commit(): Promise<void> {
    const { replica, append, clock, onBatch } = this.#options
    const taken = this.#waiting.length <= BATCH_MAX ? this.#waiting : this.#waiting.slice(0, BATCH_MAX)
    this.#waiting = this.#waiting.length <= BATCH_MAX ? [] : this.#waiting.slice(BATCH_MAX)
    this.#at = Math.max(this.#at, clock.now())
    const at = this.#at
    const first = replica.sequence + 1
    const commands = taken.map(({ command }, i): ShardCommand => ({ ...command, sequence: first + i, at }))
    let batch: Done[]
    try {
      await append(commands)
      assert(replica.sequence === first - 1, 'only the owner applies commands')
      batch = commands.map((command): Done => ({ command, reports: replica.apply(command) }))
      onBatch(batch)
    } catch (error) {
      const unknown = new AppError('exchange.unavailable', { outcome: 'unknown' }, { cause: error })
      for (const { reject } of taken) reject(unknown)
      this.end(error)
      return
    }
    for (let i = 0; i < taken.length; i++) taken[i]!.resolve(batch[i]!)
  }
}
