import {
  divideUp,
  type Instrument,
  notionalScale,
  type OrderId,
  parseDecimal,
  powerOfTen,
  priceText,
  scaleOf,
  type VenueFill,
  type VenueReport,
} from '../../kernel/index.ts'
import type { VenueExecution, VenueOrder } from '../port/index.ts'

/**
 * What a venue's picture of an order says, as reports: that it has it, and how it ended. What it filled is told by its
 * executions alone. The same picture twice, or an old one late, gives reports that decide nothing.
 */
export function orderReports(id: OrderId, order: VenueOrder): VenueReport[] {
  const { at, venueOrderId } = order
  if (order.state === 'rejected') return [{ type: 'rejected', order: id, reason: order.reason ?? 'rejected', at }]
  const reports: VenueReport[] = [{ type: 'accepted', order: id, venueOrderId, at }]
  if (order.state === 'canceled') reports.push({ type: 'canceled', order: id, reason: order.reason ?? 'canceled', at })
  if (order.state === 'expired') reports.push({ type: 'expired', order: id, at })
  return reports
}

export const fillReport = (instrument: Instrument, id: OrderId, execution: VenueExecution): VenueReport => ({
  type: 'filled',
  order: id,
  fill: fillOf(instrument, execution),
  at: execution.at,
})

function fillOf(instrument: Instrument, execution: VenueExecution): VenueFill {
  const { id, price, quantity, liquidity, feeAmount, feeAsset } = execution
  const fee = feeValue(instrument, execution)
  const isExact = feeAsset === instrument.quote && scaleOf(feeAmount) <= notionalScale(instrument)
  return isExact
    ? { id, price, quantity, liquidity, fee }
    : { id, price, quantity, liquidity, fee, feeIn: { asset: feeAsset, amount: feeAmount } }
}

/**
 * A fee in units of 10^-notionalScale of the quote asset, rounded up: at the fill's own price where it was charged in the
 * base asset. What was charged in a third asset has no price here and is zero; `feeIn` keeps it.
 */
function feeValue(instrument: Instrument, { feeAmount, feeAsset, price }: VenueExecution): bigint {
  const scale = scaleOf(feeAmount)
  const units = parseDecimal(feeAmount, scale)
  const target = notionalScale(instrument)
  if (feeAsset === instrument.quote)
    return scale <= target ? units * powerOfTen(target - scale) : divideUp(units, powerOfTen(scale - target))
  if (feeAsset !== instrument.base) return 0n
  const priceScale = instrument.priceScale
  const value = units * parseDecimal(priceText(instrument, price), priceScale)
  const from = scale + priceScale
  return from <= target ? value * powerOfTen(target - from) : divideUp(value, powerOfTen(from - target))
}
