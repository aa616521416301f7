import type { Side, Ticks } from '../../kernel/index.ts'
import type { InstrumentRules } from './command.ts'

/** Rates and fees are in millionths. */
const MILLION = 1_000_000

/**
 * value × ppm / 10^6, rounded down, exactly, for a safe integer and 0 ≤ ppm ≤ 10^6. The whole millions and the rest are multiplied
 * apart, so that no product leaves the safe integers; a quotient below 2^53 / 10^6 is never rounded up to the next whole one.
 */
function ppmOf(value: number, ppm: number): number {
  const millions = Math.floor(value / MILLION)
  return millions * ppm + Math.floor(((value - millions * MILLION) * ppm) / MILLION)
}

/** The same, rounded up: what a fee does. */
export function ppmUp(value: number, ppm: number): number {
  const millions = Math.floor(value / MILLION)
  return millions * ppm + Math.ceil(((value - millions * MILLION) * ppm) / MILLION)
}

/**
 * Price × quantity in units of the quote asset. A product above the safe integers comes out above them, however it is rounded, so
 * that a comparison tells; `amountRefusal` has made it with the largest that an order can lead to.
 */
export const costOf = (rules: InstrumentRules, price: Ticks, quantity: number): number =>
  price * quantity * rules.tickLotUnits

/** What `open` lots of an order hold: a sell its lots in base units, a buy its cost at `limit` with the fee on it in quote units. */
export function holdOf(rules: InstrumentRules, side: Side, limit: Ticks, open: number, feePpm: number): number {
  if (side === 'sell') return open * rules.lotUnits
  const cost = costOf(rules, limit, open)
  return cost + ppmUp(cost, feePpm)
}

/** How far an order without a price goes when this is the price to start from: `protectionPpm` of it, and never to 0. */
export const protectedPrice = (rules: InstrumentRules, side: Side, from: Ticks): Ticks =>
  side === 'buy' ? from + ppmOf(from, rules.protectionPpm) : Math.max(1, from - ppmOf(from, rules.protectionPpm))

/** Whether a price is further than `ppm` from the reference; never while there is no reference, or with 0 ppm. */
export const isOutside = (reference: Ticks, ppm: number, price: Ticks): boolean =>
  reference > 0 && ppm > 0 && Math.abs(price - reference) > ppmOf(reference, ppm)

/** Whether an order of this side and limit trades at a price. */
export const reaches = (side: Side, limit: Ticks, price: Ticks): boolean =>
  side === 'buy' ? limit >= price : limit <= price
