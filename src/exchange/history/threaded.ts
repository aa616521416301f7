import type { Worker } from 'node:worker_threads'
import type { Timer, Timers } from '../../kernel/index.ts'
import type { EngineLimits } from '../../matching/index.ts'
import type { Log } from '../../platform/index.ts'
import type { ShardName } from '../shard/journal.ts'
import { PRIORITY, SOURCES, startThread } from '../threads.ts'
import type { HistoryMaker } from './projector.ts'
import type { HistoryWriter } from './writer.ts'

/** What the thread is given. */
export interface HistoryThread extends ShardName {
  /** URL of the role `bourse_app`. */
  readonly url: string
  readonly limits: EngineLimits
}

export type ToWriter =
  | { readonly kind: 'follow' | 'goTo'; readonly sequence: number }
  | { readonly kind: 'pause' | 'goOn' | 'stop' }

export type FromWriter =
  | { readonly kind: 'written'; readonly sequence: number }
  /** To `pause` and `goTo`, in their order. */
  | { readonly kind: 'answered'; readonly isDone: boolean }
  | { readonly kind: 'warned'; readonly message: string; readonly error: string }

const RESTART_MS = 1_000

/** Histories written by a thread each, so that what is written behind the acknowledgements never holds one up. */
export const historyThreads =
  (
    given: { readonly url: string; readonly limits: EngineLimits },
    options: { readonly timers: Timers; readonly log: Log; readonly sources?: URL; readonly priority?: number },
  ): HistoryMaker =>
  (name, onWritten) =>
    new ThreadedWriter({ ...given, ...name }, { sources: SOURCES, priority: PRIORITY.history, ...options, onWritten })

interface ThreadedOptions {
  readonly timers: Timers
  readonly log: Log
  readonly sources: URL
  readonly priority: number
  readonly onWritten: (sequence: number) => void
}

/** The writer of a thread. One that ends is replaced by another, which goes on from the checkpoint, and pauses where that one paused. */
class ThreadedWriter implements HistoryWriter {
  readonly #given: HistoryThread
  readonly #options: ThreadedOptions
  #thread: Worker
  /** Null until it is told to write: a stand-by's only waits. */
  #target: number | null = null
  #asked: ((isDone: boolean) => void)[] = []
  #isPaused = false
  #isStopped = false
  #restart: Timer | null = null

  constructor(given: HistoryThread, options: ThreadedOptions) {
    this.#given = given
    this.#options = options
    this.#thread = this.#start()
  }

  follow(sequence: number): void {
    this.#target = sequence
    this.#tell({ kind: 'follow', sequence })
  }

  pause(): Promise<boolean> {
    this.#isPaused = true
    return this.#ask({ kind: 'pause' })
  }

  goTo(sequence: number): Promise<boolean> {
    return this.#ask({ kind: 'goTo', sequence })
  }

  goOn(): void {
    this.#isPaused = false
    this.#tell({ kind: 'goOn' })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#restart !== null) {
      this.#restart.cancel()
      if (this.#target === null) return
      this.#startAgain()
    }
    this.#thread.ref()
    // Whatever it ends of, it has ended: a failure has been told.
    const ended = new Promise<unknown>(resolve => this.#thread.once('exit', resolve))
    this.#tell({ kind: 'stop' })
    await ended
  }

  #tell(message: ToWriter): void {
    this.#thread.postMessage(message)
  }

  #ask(message: ToWriter): Promise<boolean> {
    if (this.#isStopped || this.#restart !== null) return Promise.resolve(false)
    return new Promise(resolve => {
      this.#asked.push(resolve)
      this.#tell(message)
    })
  }

  #start(): Worker {
    const { log, timers, sources, priority, onWritten } = this.#options
    const { shard } = this.#given
    const onMessage = (message: FromWriter) => {
      if (message.kind === 'written') onWritten(message.sequence)
      else if (message.kind === 'answered') this.#asked.shift()?.(message.isDone)
      else log.warn({ error: message.error, shard }, message.message)
    }
    const thread = startThread('history/history-thread.ts', this.#given, { priority, sources, onMessage })
    thread.on('error', error => log.error({ error, shard }, 'the thread that writes history failed'))
    thread.on('exit', () => {
      for (const answer of this.#asked.splice(0)) answer(false)
      if (this.#isStopped) return
      this.#restart = timers.after(RESTART_MS, () => this.#startAgain())
    })
    return thread
  }

  #startAgain(): void {
    this.#restart = null
    this.#thread = this.#start()
    // Before anything else: somebody may be reading the books as they stand.
    if (this.#isPaused) void this.#ask({ kind: 'pause' })
    if (this.#target !== null) this.follow(this.#target)
  }
}
