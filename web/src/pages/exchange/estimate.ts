import type { FeesView, HouseInstrumentView } from '../../contract.ts'
import { compare, decimalsOf, divide, minus, parseDecimal, signOf, sum, textOf, times } from '../../show/decimal.ts'
import type { HouseBook, Level } from './house-book.ts'

export type Side = 'buy' | 'sell'
export type OrderType = 'limit' | 'market' | 'stop' | 'stop_limit'

/** What an order would come to, by the book as it is now. All are decimal texts; null is what cannot be known. */
export interface Estimate {
  /** What the book would fill at once, and what that costs on average. */
  readonly taken: string
  readonly averagePrice: string | null
  /** The worst that any part of it can be filled at. */
  readonly worstPrice: string | null
  /** What stays in the book, or is canceled where the order may not rest. */
  readonly left: string
  /** What is expected: the part that is filled at once at the taker's rate, what rests at the maker's. */
  readonly fee: string | null
  /** With the fee: what a buy pays, or a sell brings in. */
  readonly total: string | null
  /** The same at the worst price, all of it at the taker's rate. */
  readonly worstTotal: string | null
}

type Rules = Pick<HouseInstrumentView, 'tick' | 'lot' | 'notionalMin' | 'protectionRate'>

/** The decimals of the quote asset, in which the smallest notional is written. */
const quoteScale = ({ notionalMin }: Rules): number => parseDecimal(notionalMin)?.scale ?? 0

/** Cut to `scale` decimals: down, or up as a fee is. Not for amounts below zero. */
export function cut(text: string, scale: number, up = false): string {
  const value = parseDecimal(text)
  if (!value || value.scale <= scale) return text
  const unit = 10n ** BigInt(value.scale - scale)
  return textOf({ digits: value.digits / unit + (up && value.digits % unit !== 0n ? 1n : 0n), scale })
}

/** The largest multiple of a step that is not above the value. */
export function toStep(text: string, step: string): string {
  const wanted = parseDecimal(text)
  const size = parseDecimal(step)
  if (!wanted || !size || size.digits <= 0n) return text
  const scale = Math.max(wanted.scale, size.scale)
  const unit = size.digits * 10n ** BigInt(scale - size.scale)
  const value = wanted.digits * 10n ** BigInt(scale - wanted.scale)
  return cut(textOf({ digits: value - (value % unit), scale }), decimalsOf(step))
}

export const isMultiple = (text: string, step: string): boolean => compare(toStep(text, step), text) === 0

/** How far an order without a price may go from where it starts: as the exchange itself has it. */
export function protectedPrice({ tick, protectionRate }: Rules, side: Side, from: string): string {
  const room = toStep(times(from, protectionRate), tick)
  if (side === 'buy') return cut(sum([from, room]), decimalsOf(tick))
  const low = cut(minus(from, room), decimalsOf(tick))
  return signOf(low) > 0 ? low : tick
}

/** The fee on an amount, rounded up in the quote asset. */
export const feeOn = (amount: string, rate: string, rules: Rules): string =>
  cut(times(amount, rate), quoteScale(rules), true)

const isWithin = (side: Side, price: string, limit: string): boolean =>
  side === 'buy' ? compare(price, limit) <= 0 : compare(price, limit) >= 0

/** What the other side of the book gives up to a limit. */
function take(levels: readonly Level[], side: Side, quantity: string, limit: string) {
  let [left, cost, worst] = [quantity, '0', null as string | null]
  const costs: string[] = []
  for (const [price, there] of levels) {
    if (signOf(left) <= 0 || !isWithin(side, price, limit)) break
    const part = compare(there, left) < 0 ? there : left
    const paid = times(price, part)
    costs.push(paid)
    cost = sum([cost, paid])
    left = minus(left, part)
    worst = price
  }
  return { left, cost, worst, costs }
}

export interface Question {
  readonly side: Side
  readonly type: OrderType
  readonly quantity: string
  /** For limit and stop_limit. */
  readonly price: string
  /** For stop and stop_limit. */
  readonly trigger: string
  readonly mayRest: boolean
  readonly book: HouseBook | undefined
  readonly rules: Rules
  readonly fees: Pick<FeesView, 'makerRate' | 'takerRate'>
}

/** The price that an order does not go past; undefined where it has none yet. */
export function limitOf(question: Pick<Question, 'side' | 'type' | 'price' | 'trigger' | 'book' | 'rules'>) {
  const { side, type, price, trigger, book, rules } = question
  if (type === 'limit' || type === 'stop_limit') return price || undefined
  const from = type === 'stop' ? trigger : (side === 'buy' ? book?.asks : book?.bids)?.[0]?.[0]
  return from && protectedPrice(rules, side, from)
}

/** @example a market buy of 30 where 20 are offered at 2.00 and 50 at 2.10 → average 2.0333, worst 2.10 */
export function estimate(question: Question): Estimate {
  const { side, type, quantity, book, rules, fees, mayRest } = question
  const limit = limitOf(question)
  const withFee = (amount: string, fee: string): string => (side === 'buy' ? sum([amount, fee]) : minus(amount, fee))
  const none = { taken: '0', averagePrice: null, left: quantity }
  if (!limit) return { ...none, worstPrice: null, fee: null, total: null, worstTotal: null }
  const most = times(limit, quantity)
  const worstTotal = withFee(most, feeOn(most, fees.takerRate, rules))
  // What the book will be when a stop is set off, nobody knows.
  if (type === 'stop' || type === 'stop_limit')
    return { ...none, worstPrice: limit, fee: feeOn(most, fees.takerRate, rules), total: null, worstTotal }
  const other = (side === 'buy' ? book?.asks : book?.bids) ?? []
  const { left, cost, worst, costs } = take(other, side, quantity, limit)
  const taken = minus(quantity, left)
  const resting = mayRest ? times(limit, left) : '0'
  const fee = sum([
    ...costs.map(part => feeOn(part, fees.takerRate, rules)),
    ...(signOf(resting) > 0 ? [feeOn(resting, fees.makerRate, rules)] : []),
  ])
  return {
    taken,
    averagePrice: divide(cost, taken, decimalsOf(rules.tick) + 2) ?? null,
    worstPrice: mayRest && signOf(left) > 0 ? limit : worst,
    left,
    fee,
    total: withFee(sum([cost, resting]), fee),
    worstTotal,
  }
}

/** The most that can be ordered with a part (a fraction) of what is available: what the exchange would hold for it is enough. */
export function affordable(
  part: string,
  available: string,
  question: Pick<Question, 'side' | 'type' | 'price' | 'trigger' | 'book' | 'rules' | 'fees'>,
): string | undefined {
  const { side, rules, fees } = question
  const spent = times(available, part)
  if (side === 'sell') return toStep(spent, rules.lot)
  const limit = limitOf(question)
  if (!limit || signOf(limit) <= 0) return undefined
  const each = times(limit, sum(['1', fees.takerRate]))
  const scale = decimalsOf(rules.lot)
  let most = toStep(divide(spent, each, scale) ?? '0', rules.lot)
  // Rounding, of the division and of the fee, is never to cost more than there is.
  const costOf = (lots: string): string => {
    const cost = times(limit, lots)
    return sum([cost, feeOn(cost, fees.takerRate, rules)])
  }
  while (signOf(most) > 0 && compare(costOf(most), spent) > 0) most = minus(most, rules.lot)
  return most
}
