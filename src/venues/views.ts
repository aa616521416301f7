import { z } from 'zod'
import { DecimalText, MicrosNumber } from '../market/index.ts'

/** What pages and clients see of the venues of a tenant. */

const Reason = z.string().nullable()
const Count = z.int().nonnegative()

const VenueHealthView = z.strictObject({
  /** 0 (dead) to 100. */
  score: z.number(),
  parts: z.array(
    z.strictObject({
      name: z.enum(['latency', 'errors', 'staleness', 'skew', 'breakers']),
      score: z.number(),
      /** Why it is not at its best; empty when it is. */
      detail: z.string(),
    }),
  ),
})
export type VenueHealthView = z.infer<typeof VenueHealthView>

const VenueCallsView = z.strictObject({
  kind: z.enum(['order', 'cancel', 'query']),
  /** Of the last minutes; null where there were none. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  calls: Count,
  errors: Count,
  breaker: z.enum(['closed', 'open', 'half_open']),
  breakerSince: MicrosNumber,
})
export type VenueCallsView = z.infer<typeof VenueCallsView>

const VenueStreamView = z.strictObject({
  name: z.enum(['market', 'account']),
  state: z.enum(['closed', 'connecting', 'ready', 'waiting']),
  reason: Reason,
  since: MicrosNumber,
  reconnects: Count,
})
export type VenueStreamView = z.infer<typeof VenueStreamView>

export const VenueBookView = z.strictObject({
  instrument: z.string(),
  pair: z.string(),
  bid: DecimalText.nullable(),
  ask: DecimalText.nullable(),
  /** Why it may not be traded on; null when it may. */
  staleness: Reason,
  /** Of the last change. */
  at: MicrosNumber,
})
export type VenueBookView = z.infer<typeof VenueBookView>

const VenueRateView = z.strictObject({ bucket: z.string(), used: z.number(), max: z.number() })
export type VenueRateView = z.infer<typeof VenueRateView>

const VenueFeeView = z.strictObject({
  instrument: z.string(),
  pair: z.string(),
  makerPpm: z.number(),
  takerPpm: z.number(),
  at: MicrosNumber,
})
export type VenueFeeView = z.infer<typeof VenueFeeView>

export const VenueChangeView = z.strictObject({
  at: MicrosNumber,
  what: z.enum(['stream', 'breaker', 'book', 'fees']),
  detail: z.string(),
})
export type VenueChangeView = z.infer<typeof VenueChangeView>

export const VenueView = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** Whose money trades there: nobody's, the venue's test money, or real money. */
  mode: z.enum(['simulated', 'testnet', 'live']),
  /** Null until anything is known. */
  health: VenueHealthView.nullable(),
  /** Why nothing trades there as a whole, e.g. `reconciling`; null when it may. */
  held: Reason,
  calls: z.array(VenueCallsView),
  /** The venue's clock less ours, in milliseconds; null until it was measured. */
  skewMs: z.number().nullable(),
  streams: z.array(VenueStreamView),
  books: z.array(VenueBookView),
  rates: z.array(VenueRateView),
  /** Requests that wait for room in the venue's limits. */
  waiting: Count,
  balances: z.array(z.strictObject({ asset: z.string(), free: DecimalText, held: DecimalText })),
  /** What the account says it pays. */
  fees: z.array(VenueFeeView),
  /** What has changed of late, newest first. */
  history: z.array(VenueChangeView),
})
export type VenueView = z.infer<typeof VenueView>
