import type { Micros } from '../../kernel/index.ts'
import type { PublicStream } from './public-stream.ts'
import type { WatchedBook } from './watched-book.ts'

/** Changes kept while the snapshot is on its way. At ten a second this is more than a minute. */
const PENDING_MAX = 1_000
/** Snapshots that turn out too old before the book is asked for anew. */
const SNAPSHOTS_MAX = 5

/** How a venue's changes go into a book. */
export interface BridgeRule<Change> {
  /** Writes what in `change` is newer than `after`. */
  readonly write: (watched: WatchedBook, change: Change, after: number) => void
  readonly requestSnapshot: (watched: WatchedBook) => void
}

/**
 * Joins a stream of changes to a snapshot that comes by another way: changes wait until it is there, those that it
 * holds already are dropped, and the first that is applied must begin at or before the number after the snapshot's.
 * From then on each must begin right after the one before.
 */
export class Bridge<Change> {
  readonly #stream: PublicStream
  readonly #watched: WatchedBook
  readonly #rule: BridgeRule<Change>
  #pending: { first: number; last: number; change: Change }[] = []
  #state: 'waiting' | 'joining' | 'joined' = 'waiting'
  #snapshots = 0

  constructor(stream: PublicStream, watched: WatchedBook, rule: BridgeRule<Change>) {
    this.#stream = stream
    this.#watched = watched
    this.#rule = rule
  }

  /** Forgets everything and asks for a snapshot. */
  restart(): void {
    this.#pending = []
    this.#snapshots = 0
    this.#state = 'waiting'
    this.#rule.requestSnapshot(this.#watched)
  }

  /** Whether a change that begins with this number can be written into the book as it is. */
  isNext(first: number): boolean {
    const { book } = this.#watched
    return this.#state === 'joined' && book.staleness === null && first === book.sequence + 1
  }

  /** A change that is next has been written. */
  onWritten(last: number, at: Micros): void {
    this.#stream.settle(this.#watched, this.#watched.book.commit(last, at), at)
  }

  /** @param first number of the first change in it @param last number of the last one */
  onChange(first: number, last: number, change: Change, at: Micros): void {
    if (this.#state === 'waiting') {
      if (this.#pending.length === PENDING_MAX) this.#stream.lose(this.#watched, 'gap', at)
      else this.#pending.push({ first, last, change })
      return
    }
    if (this.#watched.book.staleness !== null) return
    const { sequence } = this.#watched.book
    if (last <= sequence) return
    if (first === sequence + 1 || (this.#state === 'joining' && first <= sequence)) {
      this.#rule.write(this.#watched, change, sequence)
      this.#state = 'joined'
      this.#stream.settle(this.#watched, this.#watched.book.commit(last, at), at)
    } else this.#stream.lose(this.#watched, 'gap', at)
  }

  /** @param write puts the levels of the snapshot into the book, which has been begun */
  onSnapshot(sequence: number, write: () => void, at: Micros): void {
    if (this.#state !== 'waiting') return
    const next = this.#pending.find(({ last }) => !(last <= sequence))
    if (next !== undefined && !(next.first <= sequence + 1)) {
      this.#snapshots += 1
      if (this.#snapshots < SNAPSHOTS_MAX) this.#rule.requestSnapshot(this.#watched)
      else this.#stream.lose(this.#watched, 'gap', at)
      return
    }
    this.#state = 'joining'
    const pending = this.#pending
    this.#pending = []
    this.#watched.book.begin()
    write()
    this.#stream.settle(this.#watched, this.#watched.book.commit(sequence, at), at)
    for (const { first, last, change } of pending) this.onChange(first, last, change, at)
  }
}
