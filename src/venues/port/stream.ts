import type { Instrument, InstrumentId, Micros, Trade } from '../../kernel/index.ts'
import type { L2Book } from '../../market/index.ts'
import type { StreamCounts } from '../streams/counts.ts'
import type { BalanceChange, Ticker, VenueExecution, VenueOrder } from './account.ts'

/**
 * One life of one socket, as a pure state machine: frames and time in, calls on its host out. It knows the venue's
 * protocol and nothing of sockets, timers or retries; the connection around it does those. A session is used for one
 * connection and thrown away with it.
 */
export interface StreamSession {
  /** The socket is open: log in, subscribe. */
  onOpen(at: Micros): void
  /** Text, or the bytes of a binary frame. A frame that cannot be read is `host.fail`, never an exception. */
  onFrame(frame: string | Uint8Array, at: Micros): void
  /** About once a second: pings that are due, and silence beyond the venue's heartbeat. */
  onTick(at: Micros): void
}

export interface StreamHost {
  send(frame: string): void
  /** Everything wished for is subscribed, and logged in where that is needed. */
  onReady(at: Micros): void
  /** This connection is of no more use: close it and connect again, with backoff. */
  fail(reason: string): void
}

/** What a public session tells. Books are written in place and may be trusted unless `staleness` says otherwise. */
export interface MarketHost extends StreamHost {
  /** The book of an instrument, one object for the life of the connector. */
  book(instrument: InstrumentId): L2Book
  /** The book has changed, or has become good or stale: look at its `staleness`. */
  onBook(instrument: InstrumentId, at: Micros): void
  onTrade(instrument: InstrumentId, trade: Trade): void
  onTicker(ticker: Ticker): void
  /** Wants a snapshot by REST, where that is the venue's rule; the answer comes to {@link PublicSession.onSnapshot}. */
  requestSnapshot(instrument: InstrumentId): void
}

export interface PublicSession extends StreamSession {
  /** What went by so far. */
  readonly counts: Readonly<StreamCounts>
  /** A snapshot that was asked for: the venue's own JSON text, as it came over REST. */
  onSnapshot?(instrument: InstrumentId, body: string, at: Micros): void
  /** The book of this instrument is not to be trusted any more (a poll disagreed, say): subscribe to it anew. */
  resubscribe(instrument: InstrumentId, at: Micros): void
}

export type PublicSessionFactory = (instruments: readonly Instrument[], host: MarketHost) => PublicSession

/** What a private session tells: the account's orders, fills and balances as they change. */
export interface AccountHost extends StreamHost {
  onOrder(order: VenueOrder): void
  onFill(execution: VenueExecution): void
  /**
   * The order has filled further than was told, and its fills are not in this stream: they are to be asked for, and told
   * before the order is. An order that is over with such fills is told in no other way.
   */
  requestFills(order: VenueOrder): void
  onBalance(change: BalanceChange, at: Micros): void
  /** An amend or a cancel that the venue refused by stream. */
  onRefused(what: 'amend' | 'cancel', venueOrderId: string, reason: string, at: Micros): void
}
