import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import type { CallFigures } from './calls.ts'

export interface HealthInput {
  readonly now: Micros
  readonly calls: Readonly<Record<'order' | 'cancel' | 'query', CallFigures>>
  /** Each watched book: when it was last known to be good, and why it is stale, if it is. */
  readonly books: readonly { readonly goodAt: Micros; readonly staleness: string | null }[]
  /** Silence of a book beyond this is more than the venue's heartbeat explains. */
  readonly heartbeat: Micros
  /** The venue's clock against ours; null while nothing is known. */
  readonly skew: { readonly offset: Micros; readonly errorMax: Micros } | null
  readonly breakersOpen: readonly string[]
}

export interface HealthPart {
  readonly part: 'latency' | 'errors' | 'books' | 'clock' | 'breakers'
  /** 0 to 100. */
  readonly score: number
  /** In words, with the figure; null when all is well. */
  readonly reason: string | null
}

export interface Health {
  /** 0 to 100: the worst part decides, since a venue with one thing broken is not well on the average. */
  readonly score: number
  readonly parts: readonly HealthPart[]
}

/** From where on a part is not at its best, and where it is worth nothing. Between them it falls in a straight line. */
const LATENCY_P50_MS = { good: 300, bad: 3_000 }
const LATENCY_P99_MS = { good: 1_500, bad: 8_000 }
const FAILURE_SHARE = { good: 0.01, bad: 0.3 }
/** With fewer calls than this a share says little. */
const CALLS_MIN = 5
const HEARTBEATS = { good: 1, bad: 5 }
/** Venues refuse signed calls that are seconds off; some allow a second only. */
const SKEW_MS = { good: 250, bad: 2_000 }
const WELL_MIN = 99.5

/** How well a venue does: a number with its parts, and why it is not 100. */
export function scoreOf(input: HealthInput): Health {
  const parts = [latencyOf(input), errorsOf(input), booksOf(input), clockOf(input), breakersOf(input)]
  return { score: Math.min(...parts.map(part => part.score)), parts }
}

function latencyOf({ calls }: HealthInput): HealthPart {
  const found = Object.entries(calls).flatMap(([kind, { p50Ms, p99Ms }]) =>
    p50Ms === null || p99Ms === null
      ? []
      : [
          {
            score: fall(p50Ms, LATENCY_P50_MS),
            reason: `half of the ${kind} calls take ${Math.round(p50Ms)} ms or more`,
          },
          {
            score: fall(p99Ms, LATENCY_P99_MS),
            reason: `one ${kind} call in a hundred takes ${Math.round(p99Ms)} ms or more`,
          },
        ],
  )
  return worst('latency', found)
}

function errorsOf({ calls }: HealthInput): HealthPart {
  const found = Object.entries(calls).flatMap(([kind, figures]) => {
    if (figures.calls < CALLS_MIN) return []
    const reason = `${figures.failures} of ${figures.calls} ${kind} calls failed`
    return [{ score: fall(figures.failures / figures.calls, FAILURE_SHARE), reason }]
  })
  return worst('errors', found)
}

function booksOf({ books, now, heartbeat }: HealthInput): HealthPart {
  const oldest = books.reduce((age, book) => Math.max(age, now - book.goodAt), 0)
  const stale = books.filter(book => book.staleness !== null)
  const seconds = (oldest / MICROS_PER_MS / 1_000).toFixed(1)
  const found = [
    { score: fall(oldest / heartbeat, HEARTBEATS), reason: `a book has not been confirmed for ${seconds} s` },
  ]
  if (stale.length > 0)
    found.push({
      score: (100 * (books.length - stale.length)) / books.length,
      reason: `${stale.length} of ${books.length} books are stale: ${stale[0]!.staleness}`,
    })
  return worst('books', books.length === 0 ? [] : found)
}

function clockOf({ skew }: HealthInput): HealthPart {
  if (skew === null) return { part: 'clock', score: 100, reason: null }
  // Only what is certain counts against it: a slow way is no wrong clock.
  const certain = Math.max(0, Math.abs(skew.offset) - skew.errorMax) / MICROS_PER_MS
  const reason = `its clock is ${Math.round(Math.abs(skew.offset) / MICROS_PER_MS)} ms ${skew.offset > 0 ? 'ahead of' : 'behind'} ours`
  return worst('clock', [{ score: fall(certain, SKEW_MS), reason }])
}

const breakersOf = ({ breakersOpen }: HealthInput): HealthPart =>
  breakersOpen.length === 0
    ? { part: 'breakers', score: 100, reason: null }
    : { part: 'breakers', score: 0, reason: `no ${breakersOpen.join(' and no ')} calls are made: the breaker is open` }

function worst(part: HealthPart['part'], found: readonly { score: number; reason: string }[]): HealthPart {
  const [least] = found.toSorted((a, b) => a.score - b.score)
  if (least === undefined || least.score >= WELL_MIN) return { part, score: 100, reason: null }
  return { part, score: Math.round(least.score), reason: least.reason }
}

/** 100 up to `good`, 0 from `bad` on. */
const fall = (value: number, { good, bad }: { good: number; bad: number }): number =>
  Math.max(0, Math.min(100, (100 * (bad - value)) / (bad - good)))
