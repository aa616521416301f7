import type { HouseBook, Level } from './house-book.ts'

/** A side of the picture: steps from the best price outwards. Floats, since it is a picture. */
export interface DepthPoint {
  readonly price: number
  readonly total: number
}

export interface Depth {
  readonly bids: readonly DepthPoint[]
  readonly asks: readonly DepthPoint[]
  readonly middle: number
  /** As far to either side as is shown. */
  readonly reach: number
  readonly most: number
}

/** The nearest part of the book, the same way to either side, so that the sides can be compared. */
const REACH_LEVELS = 60

function summed(levels: readonly Level[]): DepthPoint[] {
  let total = 0
  return levels.map(([price, quantity]) => {
    total += Number(quantity)
    return { price: Number(price), total }
  })
}

/** Undefined while a side is empty. */
export function depthOf({ bids, asks }: Pick<HouseBook, 'bids' | 'asks'>): Depth | undefined {
  const [bid, ask] = [bids[0], asks[0]]
  if (!bid || !ask) return undefined
  const middle = (Number(bid[0]) + Number(ask[0])) / 2
  const farthest = (levels: readonly Level[]): number =>
    Math.abs(Number(levels[Math.min(levels.length, REACH_LEVELS) - 1]?.[0]) - middle)
  const reach = Math.max(farthest(bids), farthest(asks))
  const isIn = ({ price }: DepthPoint): boolean => Math.abs(price - middle) <= reach
  const [down, up] = [summed(bids).filter(isIn), summed(asks).filter(isIn)]
  const most = Math.max(down.at(-1)?.total ?? 0, up.at(-1)?.total ?? 0)
  return { bids: down, asks: up, middle, reach, most }
}

const round = (value: number): number => Math.round(value * 100) / 100

/** The outline of a side in a box of 100 × 100, from the middle outwards; closed, to be filled. */
export function outline(side: readonly DepthPoint[], { middle, reach, most }: Depth): string {
  const x = (price: number): number => round(50 + ((price - middle) / reach) * 50)
  const y = (total: number): number => round(100 - (total / most) * 94)
  const [first] = side
  if (!first || reach === 0 || most === 0) return ''
  const edge = first.price < middle ? 0 : 100
  const steps = side.map(({ price, total }) => `H${x(price)}V${y(total)}`).join('')
  return `M${x(first.price)} 100${steps}H${edge}V100Z`
}
