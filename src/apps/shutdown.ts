import type { Timer, Timers } from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'

/** Each part has so long to stop before the next one is told to. */
const PART_TIMEOUT_MS = 10_000

/** Stops parts in the reverse order in which they were started, each within a bound, once. */
export class Shutdown {
  readonly #log: Log
  readonly #timers: Timers
  readonly #parts: { name: string; stop: () => Promise<void> }[] = []
  #running: Promise<void> | null = null

  constructor(log: Log, timers: Timers) {
    this.#log = log
    this.#timers = timers
  }

  get isStopping(): boolean {
    return this.#running !== null
  }

  add(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop })
  }

  run(): Promise<void> {
    this.#running ??= this.#stopAll()
    return this.#running
  }

  async #stopAll(): Promise<void> {
    for (const { name, stop } of this.#parts.reverse()) {
      let timer: Timer | undefined
      const late = new Promise<'late'>(resolve => {
        timer = this.#timers.after(PART_TIMEOUT_MS, () => resolve('late'))
      })
      try {
        if ((await Promise.race([stop(), late])) === 'late') this.#log.warn({ part: name }, 'did not stop in time')
      } catch (error) {
        this.#log.warn({ error, part: name }, 'did not stop cleanly')
      } finally {
        timer?.cancel()
      }
    }
  }
}
