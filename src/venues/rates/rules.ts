import type { HttpResponse, VenueName } from '../port/index.ts'

/** One limit of a venue. `scope` says whose requests it counts together: those of one key, or all from this address. */
export type Bucket = { readonly scope: 'key' | 'ip'; readonly max: number } & (
  | {
      /** A count that the venue sets back at whole multiples of the window since the epoch. */
      readonly type: 'fixed_window'
      readonly windowMs: number
    }
  | {
      /** At most `max` within any span of the window. It also holds for windows of which the start is not known. */
      readonly type: 'sliding_window'
      readonly windowMs: number
    }
  | {
      /** Full at first; every request takes tokens, which come back evenly. */
      readonly type: 'token_bucket'
      readonly refillPerSecond: number
    }
  | {
      /** Zero at first; every request adds, time takes away. */
      readonly type: 'decaying_counter'
      readonly decayPerSecond: number
    }
)

export type RequestKind = 'cancel' | 'order' | 'query'

/** A request as far as limits are concerned. `path` is the venue's own, without the query. */
export interface RateRequest {
  readonly kind: RequestKind
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
}

/** What a request takes from a bucket; `per` names which of several equal ones (of a pair, of an endpoint). */
export interface Charge {
  readonly bucket: string
  readonly cost: number
  readonly per?: string
}

/** What is remembered of an order that was placed here. */
export interface OrderKnown {
  readonly ageMs: number
  /** Of which pair or endpoint it was charged. */
  readonly per: string | undefined
}
export type OrderMemory = (order: string) => OrderKnown | null

export interface RateRule {
  readonly method: string
  /** A `*` stands for one segment. */
  readonly path: string
  /** Of a request that this rule fits. */
  readonly charges: (request: RateRequest, known: OrderMemory) => readonly Charge[]
}

/** What an answer tells of the venue's own count. */
export type Heard =
  /** The venue's count in a bucket; `max` where it tells its limit too. */
  | {
      readonly type: 'used'
      readonly bucket: string
      readonly per?: string
      readonly used: number
      readonly max?: number
    }
  /** The buckets that the request was charged to are full, so far as the venue is concerned. */
  | { readonly type: 'full'; readonly buckets?: readonly string[] }
  /** Nothing may be sent for so long: of the buckets of this request, or at all. */
  | { readonly type: 'pause'; readonly of: 'request' | 'everything'; readonly forMs: number }

/** All limits of a venue, as it publishes them. */
export interface VenueRates {
  readonly venue: VenueName
  readonly buckets: Readonly<Record<string, Bucket>>
  readonly rules: readonly RateRule[]
  /** For what no rule fits. */
  readonly otherwise: (request: RateRequest) => readonly Charge[]
  /** Ids by which the venue will know the order that this request has placed. */
  placed?(request: RateRequest, response: HttpResponse): readonly string[]
  /** Reads the venue's word; `atMs` is the venue's time as far as it is known. */
  hear(request: RateRequest, response: HttpResponse, atMs: number): readonly Heard[]
}

const PATTERNS = new WeakMap<RateRule, RegExp>()

function patternOf(rule: RateRule): RegExp {
  let pattern = PATTERNS.get(rule)
  if (pattern === undefined) {
    pattern = new RegExp(`^${rule.path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]+')}$`)
    PATTERNS.set(rule, pattern)
  }
  return pattern
}

/** What a request is charged: by the first rule that fits. */
export function chargesOf(rates: VenueRates, request: RateRequest, known: OrderMemory): readonly Charge[] {
  const rule = rates.rules.find(one => one.method === request.method && patternOf(one).test(request.path))
  return rule === undefined ? rates.otherwise(request) : rule.charges(request, known)
}

/** @example flat('GET', '/api/v3/account', { bucket: 'weight', cost: 20 }) */
export const flat = (method: string, path: string, ...charges: readonly Charge[]): RateRule => ({
  method,
  path,
  charges: () => charges,
})

/** A limit of its own for one endpoint: `cost` of the bucket, counted per path. */
export const endpoint = (method: string, path: string, bucket: string, ...further: readonly Charge[]): RateRule =>
  flat(method, path, { bucket, cost: 1, per: `${method} ${path}` }, ...further)

const MS_PER_SECOND = 1_000
/** What we wait after a refusal that names no time. */
const PAUSE_DEFAULT_MS = 1_000

/** `Retry-After` in milliseconds (RFC 9110, section 10.2.3: seconds or a date); null when there is none that can be read. */
function retryAfterMs(response: HttpResponse, atMs: number): number | null {
  const text = response.headers['retry-after']
  if (text === undefined) return null
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text) * MS_PER_SECOND
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - atMs)
}

/** The refusals that any server gives: 429 for this kind of request, 418 and 503 with a time for everything. */
export function heardFromStatus(response: HttpResponse, atMs: number): Heard[] {
  const forMs = retryAfterMs(response, atMs)
  if (response.status === 418) return [{ type: 'pause', of: 'everything', forMs: forMs ?? PAUSE_DEFAULT_MS }]
  if (response.status === 503) return forMs === null ? [] : [{ type: 'pause', of: 'everything', forMs }]
  if (response.status !== 429) return []
  return forMs === null
    ? [{ type: 'full' }, { type: 'pause', of: 'request', forMs: PAUSE_DEFAULT_MS }]
    : [{ type: 'full' }, { type: 'pause', of: 'everything', forMs }]
}

/** A header that is a count; null when it is absent or is none. */
export function countIn(response: HttpResponse, header: string): number | null {
  const text = response.headers[header]
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null
}
