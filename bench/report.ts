/** One figure of a bench. `ratio` and `floorRatio` are made so that more is always better. */
export interface Figure {
  readonly metric: string
  readonly value: number
  readonly unit: string
  /** For a latency, a size or anything else where less is better. */
  readonly lessIsBetter?: boolean
  /** What it must reach, when something is claimed. */
  readonly goal?: number
  /** How many times the peer, or the floor where there is no peer, it must reach. */
  readonly ratioGoal?: number
  readonly peer?: string
  readonly peerValue?: number
  readonly floor?: string
  readonly floorValue?: number
}

const ratioOf = (figure: Figure, other: number | undefined): number | undefined =>
  other === undefined ? undefined : round(figure.lessIsBetter ? other / figure.value : figure.value / other)

const round = (value: number): number => Number(value.toPrecision(4))

/** Over the peer; over the floor where there is no peer. */
const mainRatio = (figure: Figure): number | undefined =>
  ratioOf(figure, figure.peer === undefined ? figure.floorValue : figure.peerValue)

/** Whether every goal of a figure is reached. */
function isReached(figure: Figure): boolean {
  const { value, goal, ratioGoal, lessIsBetter } = figure
  if (goal !== undefined && (lessIsBetter ? value > goal : value < goal)) return false
  return ratioGoal === undefined || (mainRatio(figure) ?? 0) >= ratioGoal
}

/** The line that `--json` prints: names, values and ratios, without what is undefined. */
export function lineOf(bench: string, figure: Figure): string {
  const { metric, value, unit, peer, peerValue, floor, floorValue } = figure
  const floorRatio = ratioOf(figure, floorValue)
  const ratio = mainRatio(figure)
  return JSON.stringify({
    bench,
    metric,
    value: round(value),
    unit,
    peer,
    peerValue: peerValue === undefined ? undefined : round(peerValue),
    ratio,
    floor,
    floorValue: floorValue === undefined ? undefined : round(floorValue),
    floorRatio,
  })
}

/** The same for people, with whether the goal was reached. */
export function textOf(figure: Figure): string {
  const { metric, value, unit, goal, ratioGoal, peer, peerValue, floor, floorValue, lessIsBetter } = figure
  const number = (n: number) => (Math.abs(n) >= 1_000 ? Math.round(n).toLocaleString('en') : String(round(n)))
  const parts = [`${metric.padEnd(24)} ${number(value)} ${unit}`]
  if (peer !== undefined) parts.push(`${ratioOf(figure, peerValue)}× ${peer} (${number(peerValue!)})`)
  if (floor !== undefined) parts.push(`${ratioOf(figure, floorValue)}× the floor, ${floor} (${number(floorValue!)})`)
  const goals = [
    ...(goal === undefined ? [] : [`${lessIsBetter ? '≤' : '≥'} ${number(goal)}`]),
    ...(ratioGoal === undefined ? [] : [`≥ ${ratioGoal}×`]),
  ]
  if (goals.length > 0) parts.push(`${isReached(figure) ? 'reaches' : 'MISSES'} ${goals.join(' and ')}`)
  return parts.join(' · ')
}
