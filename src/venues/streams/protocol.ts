import type { Instrument, Micros } from '../../kernel/index.ts'
import type { PublicStream } from './public-stream.ts'
import type { WatchedBook } from './watched-book.ts'

/** What is a venue's own in its public stream. One object lives as long as its connection. */
export interface PublicProtocol {
  /** How often the venue wants to be pinged; null where it needs none. */
  readonly pingEveryMs: number | null
  /** Nothing at all heard for so long means that the connection is dead. */
  readonly silentAfterMs: number
  /** Subscribe to everything. */
  open(at: Micros): void
  /** One frame, as JSON gives it. A shape that it does not have may throw a TypeError. */
  read(message: unknown, at: Micros): void
  /** A short cut for the frames that come most: true if the frame was one of them and is done with. */
  readText?(text: string, at: Micros): boolean
  /** Ask for this book anew. */
  resubscribe(watched: WatchedBook, at: Micros): void
  ping?(at: Micros): void
  /** A snapshot that was asked for by REST, as JSON gives it. */
  readSnapshot?(watched: WatchedBook, body: unknown, at: Micros): void
  /** The text of a binary frame, where it is not UTF-8. */
  unpack?(frame: Uint8Array): string
  /** A frame that is no JSON and means nothing but life. */
  readonly pong?: string
  /** Whatever the venue's rule for the silence of a single channel is. */
  onTick?(at: Micros): void
}

export interface PublicVenue {
  readonly symbolOf: (instrument: Instrument) => string
  /** False for a socket that has no books: theirs are left alone, and the protocol says itself when all is subscribed. */
  readonly hasBooks?: boolean
  readonly protocol: (stream: PublicStream) => PublicProtocol
}
