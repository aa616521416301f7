import type { EquityPoint, RunView } from '../../contract.ts'
import { compare, minus, sum } from '../../show/decimal.ts'

/** What was read once and what has streamed since, as one line of points of one run, or of all together (null). */
export function pointsOf(
  read: readonly EquityPoint[],
  streamed: readonly EquityPoint[],
  run: string | null,
  from: number,
): EquityPoint[] {
  const mine = (point: EquityPoint): boolean => point.run === run && point.at >= from
  const first = read.filter(mine)
  const end = first.at(-1)?.at ?? Number.NEGATIVE_INFINITY
  return [...first, ...streamed.filter(point => mine(point) && point.at > end)]
}

/**
 * Gain or loss since the first point. What a run that began later brought in as its allocation is no gain and is
 * taken out.
 */
export function gains(
  points: readonly EquityPoint[],
  runs: readonly RunView[],
  run: string | null,
): { at: number; gain: string }[] {
  const start = points[0]
  if (!start) return []
  const flows = run === null ? runs.filter(other => other.startedAt > start.at) : []
  return points.map(point => {
    const brought = flows.filter(flow => flow.startedAt <= point.at).map(flow => flow.allocation)
    return { at: point.at, gain: minus(point.equity, sum([start.equity, ...brought])) }
  })
}

/** The deepest fall from a peak, as a decimal text that is zero or negative. */
export function deepestFall(gainsSoFar: readonly { gain: string }[]): string {
  let peak: string | undefined
  let deepest = '0'
  for (const { gain } of gainsSoFar) {
    if (peak === undefined || compare(gain, peak) > 0) peak = gain
    const fall = minus(gain, peak)
    if (compare(fall, deepest) < 0) deepest = fall
  }
  return deepest
}

/** Every n-th point and the last, so that the picture draws no more than it can show. */
export function thinned<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items
  const step = Math.ceil(items.length / max)
  return items.filter((_, index) => index % step === 0 || index === items.length - 1)
}
