/** What pages and clients see of the venues of a tenant. Decimals are strings, times are microseconds. */

export interface VenueView {
  readonly name: string
  readonly title: string
  /** Whose money trades there: nobody's, the venue's test money, or real money. */
  readonly mode: 'simulated' | 'testnet' | 'live'
  /** Null until anything is known. */
  readonly health: VenueHealthView | null
  /** Why nothing trades there as a whole, e.g. `reconciling`; null when it may. */
  readonly held: string | null
  readonly calls: readonly VenueCallsView[]
  /** The venue's clock less ours, in milliseconds; null until it was measured. */
  readonly skewMs: number | null
  readonly streams: readonly VenueStreamView[]
  readonly books: readonly VenueBookView[]
  readonly rates: readonly VenueRateView[]
  /** Requests that wait for room in the venue's limits. */
  readonly waiting: number
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly held: string }[]
  /** What the account says it pays. */
  readonly fees: readonly VenueFeeView[]
  /** What has changed of late, newest first. */
  readonly history: readonly VenueChangeView[]
}

export interface VenueHealthView {
  /** 0 (dead) to 100. */
  readonly score: number
  readonly parts: readonly {
    readonly name: 'latency' | 'errors' | 'staleness' | 'skew'
    readonly score: number
    readonly detail: string
  }[]
}

export interface VenueCallsView {
  readonly kind: 'order' | 'cancel' | 'query'
  /** Of the last minutes; null where there were none. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly calls: number
  readonly errors: number
  readonly breaker: 'closed' | 'open' | 'half_open'
  readonly breakerSince: number
}

export interface VenueStreamView {
  readonly name: 'market' | 'account'
  readonly state: 'closed' | 'connecting' | 'ready' | 'waiting'
  readonly reason: string | null
  readonly since: number
  readonly reconnects: number
}

export interface VenueBookView {
  readonly instrument: string
  readonly pair: string
  readonly bid: string | null
  readonly ask: string | null
  /** Why it may not be traded on; null when it may. */
  readonly staleness: string | null
  /** Of the last change. */
  readonly at: number
}

export interface VenueRateView {
  readonly bucket: string
  readonly used: number
  readonly max: number
}

export interface VenueFeeView {
  readonly instrument: string
  readonly pair: string
  readonly makerPpm: number
  readonly takerPpm: number
  readonly at: number
}

export interface VenueChangeView {
  readonly at: number
  readonly what: 'stream' | 'breaker' | 'book' | 'fees'
  readonly detail: string
}
