/** `late` shows its age, `stale` is tinted and not to be acted on, `lost` is struck through as last known. */
export type Freshness = 'unknown' | 'live' | 'late' | 'stale' | 'lost'

const LATE_MS = 2_000
const STALE_MS = 5_000
const LOST_MS = 30_000

export const freshnessOf = (ageMs: number): Freshness =>
  ageMs > LOST_MS ? 'lost' : ageMs > STALE_MS ? 'stale' : ageMs > LATE_MS ? 'late' : 'live'

const RANK: readonly Freshness[] = ['live', 'late', 'stale', 'lost', 'unknown']
export const worse = (a: Freshness, b: Freshness): Freshness => (RANK.indexOf(a) >= RANK.indexOf(b) ? a : b)
