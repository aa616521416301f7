import { parseDecimal, rescale, textOf } from '../../show/decimal.ts'

/** One line of the ladder. All three are decimal texts; `depth` is its share of the deepest line shown, 0 to 1. */
export interface Line {
  readonly price: string
  readonly quantity: string
  readonly total: string
  readonly depth: number
}

export const GROUPS = [1, 10, 100] as const

const scaled = (text: string, scale: number): bigint =>
  rescale(parseDecimal(text) ?? { digits: 0n, scale: 0 }, scale).digits

/** The price at which a level stands when prices are grouped: bids round down and asks up, so that no price looks better than it is. */
export function groupPrice(price: string, tick: string, times: number, side: 'buy' | 'sell'): string {
  const step = parseDecimal(tick)
  if (!step) return price
  const size = step.digits * BigInt(times)
  const value = scaled(price, step.scale)
  const down = (value / size) * size
  const grouped = side === 'sell' && down !== value ? down + size : down
  return textOf({ digits: grouped, scale: step.scale })
}

/** The best `count` lines of one side, best first; quantities of a group are summed exactly. */
export function ladder(
  levels: readonly (readonly [string, string])[],
  { tick, lot, times, side, count }: { tick: string; lot: string; times: number; side: 'buy' | 'sell'; count: number },
): Line[] {
  const scale = parseDecimal(lot)?.scale ?? 0
  const grouped: { price: string; quantity: bigint }[] = []
  for (const [price, quantity] of levels) {
    const at = groupPrice(price, tick, times, side)
    const last = grouped.at(-1)
    if (last?.price === at) last.quantity += scaled(quantity, scale)
    else if (grouped.length === count) break
    else grouped.push({ price: at, quantity: scaled(quantity, scale) })
  }
  let total = 0n
  const lines = grouped.map(({ price, quantity }) => {
    total += quantity
    return { price, quantity, total }
  })
  return lines.map(line => ({
    price: line.price,
    quantity: textOf({ digits: line.quantity, scale }),
    total: textOf({ digits: line.total, scale }),
    depth: total === 0n ? 0 : Number((line.total * 1_000n) / total) / 1_000,
  }))
}
