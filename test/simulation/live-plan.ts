import type { TenantId } from '../../src/kernel/index.ts'
import type { VenueName } from '../../src/venues/index.ts'

/** What a node in a process of its own is told to do. */
export interface LivePlan {
  /** Of the application's role. */
  readonly database: string
  readonly seed: string
  readonly venues: readonly {
    readonly name: VenueName
    readonly endpoint: { readonly rest: string; readonly ws: string }
  }[]
  /** How long it trades. */
  readonly seconds: number
  /** At which moment it kills itself; at none if null. */
  readonly death: { readonly point: string; readonly venue: VenueName; readonly occurrence: number } | null
}

export const LIVE_TENANT = '00000000-0000-7000-8000-0000000000ab' as TenantId

/** The moments between two effects of a node: what is committed, sent, canceled and reported. */
export const POINTS = [
  'commit before',
  'commit after',
  'send before',
  'send after',
  'cancel after',
  'report before',
  'report after',
] as const
