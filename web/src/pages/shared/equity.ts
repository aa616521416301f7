import type { EquityPoint, RunView } from '../../contract.ts'
import { compare, minus, sum } from '../../show/decimal.ts'

/** One moment of a run, or of all runs together: what it was worth, and how much of that it had not been given. */
export interface Moment {
  readonly at: number
  readonly equity: string
  readonly gain: string
}

/** What was read once and what has streamed since, each point once, oldest first. */
export function joined(read: readonly EquityPoint[], streamed: readonly EquityPoint[], from: number): EquityPoint[] {
  const end = read.at(-1)?.at ?? Number.NEGATIVE_INFINITY
  return [...read, ...streamed.filter(point => point.at > end)].filter(point => point.at >= from)
}

/**
 * The moments of one run, or of all together when `run` is null. The gain is measured against the allocations of the
 * runs that were there by then, so a run that begins later brings in money but no gain. A run that is silent at some
 * moment counts with what it was worth before.
 */
export function momentsOf(points: readonly EquityPoint[], runs: readonly RunView[], run: string | null): Moment[] {
  const allocations = new Map(runs.map(({ id, allocation }) => [id, allocation]))
  const known = new Map<string, string>()
  const moments: Moment[] = []
  let equity = '0'
  let given = '0'
  for (const point of [...points].sort((a, b) => a.at - b.at)) {
    const allocation = point.run === null ? undefined : allocations.get(point.run)
    if (point.run === null || allocation === undefined || (run !== null && point.run !== run)) continue
    const before = known.get(point.run)
    if (before === undefined) given = sum([given, allocation])
    equity = minus(sum([equity, point.equity]), before ?? '0')
    known.set(point.run, point.equity)
    if (moments.at(-1)?.at === point.at) moments.pop()
    moments.push({ at: point.at, equity, gain: minus(equity, given) })
  }
  return moments
}

/** The deepest fall from a peak, as a decimal text that is zero or negative. */
export function deepestFall(moments: readonly { readonly gain: string }[]): string {
  let peak: string | undefined
  let deepest = '0'
  for (const { gain } of moments) {
    if (peak === undefined || compare(gain, peak) > 0) peak = gain
    const fall = minus(gain, peak)
    if (compare(fall, deepest) < 0) deepest = fall
  }
  return deepest
}

/** Every n-th item and the last, so that the picture draws no more than it can show. */
export function thinned<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items
  const step = Math.ceil(items.length / max)
  return items.filter((_, index) => index % step === 0 || index === items.length - 1)
}
