import type { Lots, Ticks } from '../../kernel/index.ts'
import { costOf, ppmUp } from './amounts.ts'
import type { AmendOrder, EngineTimeInForce, InstrumentRules, Phase, PlaceOrder, SetPhase } from './command.ts'
import type { Refusal } from './report.ts'

/** What can be said of a command without the state of the engine; both engines ask here. */

const PPM_MAX = 1_000_000

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0

/** A rate in millionths, from nothing to all of it. */
export const isPpm = (value: number): boolean => isCount(value) && value <= PPM_MAX

export const isAmount = isPositive

/** What is still open stays in the book when it cannot trade. */
export const mayRest = (timeInForce: EngineTimeInForce): boolean => timeInForce === 'gtc' || timeInForce === 'gtd'

export const areRulesValid = (rules: InstrumentRules): boolean =>
  isPositive(rules.lotUnits) &&
  isPositive(rules.tickLotUnits) &&
  isPositive(rules.quantityMin) &&
  isPositive(rules.quantityMax) &&
  rules.quantityMin <= rules.quantityMax &&
  isPositive(rules.priceMax) &&
  isCount(rules.notionalMin) &&
  isPpm(rules.bandPpm) &&
  isPpm(rules.haltPpm) &&
  isCount(rules.haltMicros) &&
  (rules.haltPpm === 0 || rules.haltMicros > 0) &&
  isPpm(rules.protectionPpm)

/** Whether the parts of an order go together. */
export function isOrderValid(order: PlaceOrder): boolean {
  const { type, price, trigger, quantity, display, expireAt } = order
  const hasPrice = type === 'limit' || type === 'stop_limit'
  const hasTrigger = type === 'stop' || type === 'stop_limit'
  const rests = mayRest(order.timeInForce)
  if (!isPositive(quantity) || !isCount(order.session)) return false
  if (hasPrice ? !isPositive(price) : price !== 0 || rests) return false
  if (hasTrigger ? !isPositive(trigger) : trigger !== 0) return false
  if (order.isPostOnly && !(hasPrice && rests)) return false
  if (display !== 0 && !(type === 'limit' && rests && isPositive(display) && display < quantity)) return false
  return order.timeInForce === 'gtd' ? isPositive(expireAt) : expireAt === 0
}

/** An amend of a stop without a price may not give it one. */
export const isAmendValid = ({ price, quantity }: AmendOrder, hasPrice: boolean): boolean =>
  isCount(price) && isCount(quantity) && price + quantity > 0 && (price === 0 || hasPrice)

/** Only auctions and halts end by themselves, and not in the past. */
export const isPhaseValid = ({ phase, until, at }: SetPhase): boolean =>
  until === 0 || (isPositive(until) && until > at && (phase === 'auction' || phase === 'halted'))

/** Stops wait in an auction; of what would work at once it takes what may rest and need not know the best price. */
export function takesOrder(phase: Phase, order: PlaceOrder): boolean {
  if (phase !== 'auction') return phase === 'trading'
  if (order.type === 'stop' || order.type === 'stop_limit') return true
  return order.type === 'limit' && mayRest(order.timeInForce) && !order.isPostOnly
}

export function boundsRefusal(rules: InstrumentRules, price: Ticks, trigger: Ticks, quantity: Lots): Refusal {
  if (price > rules.priceMax || trigger > rules.priceMax) return 'price_above_max'
  if (quantity < rules.quantityMin) return 'quantity_below_min'
  return quantity > rules.quantityMax ? 'quantity_above_max' : undefined
}

/** With the limit of an order: what it may cost, with its fee and in lots, is safe, and worth the trouble. */
export function amountRefusal(rules: InstrumentRules, limit: Ticks, quantity: Lots, feePpm: number): Refusal {
  const cost = costOf(rules, limit, quantity)
  if (cost > Number.MAX_SAFE_INTEGER || quantity * rules.lotUnits > Number.MAX_SAFE_INTEGER) return 'amount_above_max'
  if (cost + ppmUp(cost, feePpm) > Number.MAX_SAFE_INTEGER) return 'amount_above_max'
  return cost < rules.notionalMin ? 'notional_below_min' : undefined
}
