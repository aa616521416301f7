import type { Topic } from './topic.ts'

/** What is published in one stretch: by part for a state, in order for a log. */
export type Stretch = ReadonlyMap<string | number, unknown> | readonly unknown[]

/** What waits for one subscription while its reader is slow, or while its snapshot is being made. Bounded either way. */
export class Waiting {
  readonly #topic: Topic
  readonly #logMax: number
  readonly #keysMax: number
  readonly #parts = new Map<string | number, unknown>()
  #entries: unknown[] = []
  /** Entries given up since the last snapshot. */
  missed = 0
  /** The subscription has to start anew, from a snapshot. */
  needsSnapshot = true

  constructor(topic: Topic, logMax: number, keysMax: number) {
    this.#topic = topic
    this.#logMax = logMax
    this.#keysMax = keysMax
  }

  get isEmpty(): boolean {
    return !this.needsSnapshot && this.#parts.size === 0 && this.#entries.length === 0
  }

  get size(): number {
    return this.#parts.size + this.#entries.length
  }

  add(stretch: Stretch): void {
    // The snapshot to come holds it. Of a log that was given up, every entry since counts as missed.
    if (this.needsSnapshot) {
      if (this.missed > 0) this.missed += (stretch as readonly unknown[]).length
    } else if (stretch instanceof Map) this.#addParts(stretch)
    else this.#addEntries(stretch as readonly unknown[])
  }

  /** Latest wins. Too many parts: a snapshot says it in less. */
  #addParts(parts: ReadonlyMap<string | number, unknown>): void {
    for (const [key, value] of parts) this.#parts.set(key, value)
    if (this.#parts.size <= this.#keysMax) return
    this.#parts.clear()
    this.needsSnapshot = true
  }

  /** Past the bound everything that waits is given up and counted: a log with a hole in it would lie. */
  #addEntries(entries: readonly unknown[]): void {
    if (this.#entries.length + entries.length <= this.#logMax) {
      this.#entries.push(...entries)
      return
    }
    this.missed += this.#entries.length + entries.length
    this.#entries = []
    this.needsSnapshot = true
  }

  /** What waits, as it goes into one update; undefined when nothing does. */
  take(): unknown {
    if (this.#topic.kind === 'log') {
      const entries = this.#entries
      this.#entries = []
      return entries.length > 0 ? entries : undefined
    }
    const parts = [...this.#parts.values()]
    this.#parts.clear()
    if (parts.length === 0) return undefined
    return this.#topic.key ? parts : parts.at(-1)
  }

  /** A snapshot is about to be made: what was given up is told, and what waits is in it. */
  restart(): number {
    const { missed } = this
    this.missed = 0
    this.needsSnapshot = false
    this.#parts.clear()
    this.#entries = []
    return missed
  }
}
