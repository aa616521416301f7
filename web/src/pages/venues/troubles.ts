import type { VenueRateView, VenueView } from '../../contract.ts'

/** What keeps a venue from being at its best, gravest first. `name` says which stream, kind of call, bucket or part. */
export interface Trouble {
  readonly what: 'held' | 'breaker' | 'stream' | 'books' | 'rate' | 'part'
  readonly name: string
  readonly detail: string | null
  readonly count: number
}

/** From so full on a limit is worth a word. */
const RATE_NEAR = 0.9
/** Below this a part of the health is. */
const PART_LOW = 80

export const fullest = (rates: readonly VenueRateView[]): VenueRateView | undefined =>
  rates.reduce<VenueRateView | undefined>(
    (most, rate) => (most === undefined || rate.used / rate.max > most.used / most.max ? rate : most),
    undefined,
  )

export function troublesOf(venue: VenueView): readonly Trouble[] {
  const found: Trouble[] = []
  const add = (what: Trouble['what'], name: string, detail: string | null = null, count = 1): void =>
    void found.push({ what, name, detail, count })
  if (venue.held !== null) add('held', venue.held)
  for (const { kind, breaker } of venue.calls) if (breaker !== 'closed') add('breaker', kind, breaker)
  for (const { name, state, reason } of venue.streams) if (state !== 'ready') add('stream', name, reason)
  const stale = venue.books.filter(book => book.staleness !== null)
  if (stale.length > 0) add('books', stale[0]?.pair ?? '', stale[0]?.staleness ?? null, stale.length)
  const rate = fullest(venue.rates)
  if (rate && rate.used >= rate.max * RATE_NEAR) add('rate', rate.bucket)
  for (const { name, score, detail } of venue.health?.parts ?? [])
    if (score < PART_LOW) add('part', name, detail === '' ? null : detail)
  return found
}

/** How a score is called: from 80 on it is good, below 50 bad. */
export const gradeOf = (score: number): 'good' | 'weak' | 'bad' =>
  score >= PART_LOW ? 'good' : score >= 50 ? 'weak' : 'bad'
