import type { Candle, Micros } from '../../kernel/index.ts'

/** A straight piece of the way a price is taken to have gone within a candle. */
export interface Leg {
  readonly from: Micros
  readonly to: Micros
  readonly start: number
  readonly end: number
}

/**
 * The way through a candle: open, the extreme nearer to the open, the other extreme, close; a third of the time and of
 * the volume each. A candle does not say which extreme came first; the nearer one is the likelier (NautilusTrader's
 * adaptive bar ordering makes the same choice).
 */
export function pathOf(candle: Candle, interval: Micros): readonly [Leg, Leg, Leg] {
  const { openAt, open, high, low, close } = candle
  const highFirst = high - open < open - low
  const first = highFirst ? high : low
  const second = highFirst ? low : high
  const t1 = openAt + Math.floor(interval / 3)
  const t2 = openAt + Math.floor((2 * interval) / 3)
  return [
    { from: openAt, to: t1, start: open, end: first },
    { from: t1, to: t2, start: first, end: second },
    { from: t2, to: openAt + interval, start: second, end: close },
  ]
}

/** The price on a leg at a time within it. */
export const priceOn = (leg: Leg, at: Micros): number =>
  leg.to === leg.from ? leg.end : leg.start + ((leg.end - leg.start) * (at - leg.from)) / (leg.to - leg.from)
