/** What the page and its socket worker say to each other. */
export type ToWorker =
  | { readonly type: 'start'; readonly url: string }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'no-token' }
  /** For the connection that is open: it would be closed when the token that it began with ends. */
  | { readonly type: 'renewed'; readonly token: string }
  | { readonly type: 'subscribe'; readonly topic: string }
  | { readonly type: 'unsubscribe'; readonly topic: string }
  /** What was told does not fit together. */
  | { readonly type: 'afresh'; readonly topic: string }
  | { readonly type: 'visible'; readonly visible: boolean }
  | { readonly type: 'slow'; readonly slow: boolean }
  | { readonly type: 'retry' }

export interface Entry {
  readonly topic: string
  /** Present: forget what was there and begin from it. */
  readonly snapshot?: { readonly data: unknown }
  readonly updates: readonly unknown[]
  /** Server time of the newest of it, microseconds. */
  readonly at: number
}

export type Connection =
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'open'; readonly reconnected: boolean }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly retryAt: number; readonly lostAt: number }

export type FromWorker =
  | { readonly type: 'need-token' }
  | { readonly type: 'connection'; readonly connection: Connection }
  | { readonly type: 'batch'; readonly entries: readonly Entry[] }
  | { readonly type: 'missed'; readonly topic: string; readonly count: number }
  | { readonly type: 'pulse'; readonly offsetMs: number; readonly latencyMs?: number; readonly beatAt: number }
  | { readonly type: 'refused'; readonly topic?: string; readonly code: string; readonly detail: string }
