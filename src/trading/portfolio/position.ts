import {
  divideHalfUp,
  divideUp,
  type Instrument,
  notionalOf,
  parseDecimal,
  powerOfTen,
  type Side,
  signOf,
  type Ticks,
  type VenueFill,
} from '../../kernel/index.ts'

/**
 * A position of one run in one instrument, by average cost. Amounts are in units of 10^-notionalScale of the quote
 * asset. `quantity` is signed lots; `cost` is what the open quantity was bought for (or sold for, when short), never
 * negative. P&L is before fees; fees are apart.
 */
export interface Position {
  readonly quantity: number
  readonly cost: bigint
  readonly realised: bigint
  readonly fees: bigint
  /** Fees charged in the base asset so far, in units of 10^-{@link BASE_FEE_SCALE}, and the whole lots they have taken. */
  readonly baseFees?: bigint
  readonly baseFeeLots?: number
}

/** Finer than any venue's fee. */
const BASE_FEE_SCALE = 18

export const FLAT: Position = { quantity: 0, cost: 0n, realised: 0n, fees: 0n }

/**
 * The position after a fill. Adding moves the average; reducing realises against the average and leaves it; crossing
 * zero closes at the average and opens the rest at the fill's price. The cost of a part is rounded half up once, and
 * what is left keeps the remainder, so that a closed position always has cost zero and no unit is lost.
 */
export function applyFill(instrument: Instrument, position: Position, side: Side, fill: VenueFill): Position {
  const { feeIn } = fill
  if (feeIn === undefined || feeIn.asset !== instrument.base) return traded(instrument, position, side, fill, fill.fee)
  return feeTaken(instrument, traded(instrument, position, side, fill, 0n), feeIn.amount)
}

/**
 * A fee in the base asset takes lots out of the position at their average cost, which becomes the fee: cash stays exact.
 * Lots are whole, so a part of one counts as one, and what is too much is taken less the next time: what is left can be sold.
 */
function feeTaken(instrument: Instrument, position: Position, amount: string): Position {
  const baseFees = (position.baseFees ?? 0n) + parseDecimal(amount, BASE_FEE_SCALE, 'fee')
  const lot = BigInt(instrument.lotSize) * powerOfTen(BASE_FEE_SCALE - instrument.quantityScale)
  const owed = Number(divideUp(baseFees, lot)) - (position.baseFeeLots ?? 0)
  const taken = Math.max(0, Math.min(owed, position.quantity))
  const cost = taken === 0 ? 0n : divideHalfUp(position.cost * BigInt(taken), BigInt(position.quantity))
  return {
    quantity: position.quantity - taken,
    cost: position.cost - cost,
    realised: position.realised,
    fees: position.fees + cost,
    baseFees,
    baseFeeLots: (position.baseFeeLots ?? 0) + taken,
  }
}

function traded(instrument: Instrument, position: Position, side: Side, fill: VenueFill, fee: bigint): Position {
  const signed = signOf(side) * fill.quantity
  const fees = position.fees + fee
  const opens = position.quantity === 0 || Math.sign(position.quantity) === Math.sign(signed)
  if (opens)
    return {
      ...position,
      quantity: position.quantity + signed,
      cost: position.cost + notionalOf(instrument, fill.price, fill.quantity),
      realised: position.realised,
      fees,
    }
  const closing = Math.min(Math.abs(signed), Math.abs(position.quantity))
  const closedCost =
    closing === Math.abs(position.quantity)
      ? position.cost
      : divideHalfUp(position.cost * BigInt(closing), BigInt(Math.abs(position.quantity)))
  const proceeds = notionalOf(instrument, fill.price, closing)
  const gain = position.quantity > 0 ? proceeds - closedCost : closedCost - proceeds
  const opening = fill.quantity - closing
  return {
    ...position,
    quantity: position.quantity + signed,
    cost: opening > 0 ? notionalOf(instrument, fill.price, opening) : position.cost - closedCost,
    realised: position.realised + gain,
    fees,
  }
}

/** What the open quantity would gain if closed at `mark`, before fees. */
export function unrealisedOf(instrument: Instrument, position: Position, mark: Ticks): bigint {
  if (position.quantity === 0) return 0n
  const value = notionalOf(instrument, mark, Math.abs(position.quantity))
  return position.quantity > 0 ? value - position.cost : position.cost - value
}

/** Cash of a run that began with `allocation`: what is left after buying, selling and paying fees. */
export const cashOf = (allocation: bigint, position: Position): bigint =>
  allocation + position.realised - position.fees - (position.quantity >= 0 ? position.cost : -position.cost)

/** allocation + realised + unrealised − fees. */
export const equityOf = (instrument: Instrument, allocation: bigint, position: Position, mark: Ticks | null): bigint =>
  allocation + position.realised - position.fees + (mark === null ? 0n : unrealisedOf(instrument, position, mark))
