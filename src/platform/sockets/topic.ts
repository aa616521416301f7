import type { Permission, Principal } from '../../kernel/index.ts'

/** One subscription of one connection; it tells nothing of itself. */
export type Reader = object

/** A kind of topic that a subject offers. What it publishes comes as single data or as a list of them. */
export interface Topic {
  /** Whether the topic is one of these, e.g. `book:paper:XRP/USD`, and exists. */
  match(topic: string): boolean
  readonly permission: Permission
  /** `state`: the latest counts, and what lies between may be left out. `log`: every entry counts. */
  readonly kind: 'state' | 'log'
  /**
   * What there is now. Entries published while an asynchronous snapshot is being made follow it, so they may come twice;
   * a synchronous one leaves no such gap. `reader` is the subscription: the same object for each of its snapshots.
   */
  snapshot(principal: Principal, topic: string, reader: Reader): unknown | Promise<unknown>
  /**
   * A subscription has ended: left, no longer allowed, its connection closed or cut, or its snapshot failed. Called once for each,
   * also for one that never had its snapshot. Whatever it begins is its own to wait for.
   */
  onLeave?(reader: Reader): void
  /** A connection that subscribes to it is cut after so long a silence, where {@link SocketLimits.stalledMs} is longer. */
  readonly silenceMs?: number
  /** Of a `state` topic with parts: the part that a datum replaces. Updates are then lists of data. */
  key?(datum: never): string | number
}

/** The bounds of the hub and of one connection. */
export const SOCKET_LIMITS = {
  connectionsMax: 2_000,
  subscriptionsMax: 50,
  messageBytesMax: 16 * 1_024,
  messagesPerSecond: 20,
  messagesBurst: 120,
  authTimeoutMs: 5_000,
  heartbeatMs: 5_000,
  /** 20 a second. */
  flushMs: 50,
  /** A token may have been over so long before its connection is closed. */
  expiryGraceMs: 30_000,
  /** Bytes that wait in a connection before it counts as slow and nothing more is given to it. */
  slowBytes: 256 * 1_024,
  /** A connection that stays slow for so long is cut. */
  stalledMs: 60_000,
  /** Log entries that wait for one slow subscription; past it they are counted and the subscription starts anew. */
  logWaitingMax: 1_000,
  /** Parts of a keyed state that wait for one slow subscription; past it the subscription starts anew. */
  keysWaitingMax: 2_000,
} as const
export type SocketLimits = { readonly [Name in keyof typeof SOCKET_LIMITS]: number }

/** Close codes: 1001 and 1008 of RFC 6455; 4401 is ours and means sign in again. */
export const CLOSE = { goingAway: 1001, unsupported: 1003, policy: 1008, tryLater: 1013, signIn: 4401 } as const
