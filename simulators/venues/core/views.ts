import {
  type Candle,
  type Level,
  type Lots,
  powerOfTen,
  priceFloat,
  priceText,
  quantityText,
  type Ticks,
  trimDecimal,
} from '../../../src/kernel/index.ts'
import type { SimulatedInstrument } from './market.ts'
import { notionalUnits, type SimulatedOrder } from './order.ts'
import type { VenueContext } from './protocol.ts'

/** Figures that many venues show, each in words of its own. */

/** Without trailing zeros. */
export const shortPrice = ({ instrument }: SimulatedInstrument, ticks: Ticks): string =>
  trimDecimal(priceText(instrument, ticks))
export const shortQuantity = ({ instrument }: SimulatedInstrument, lots: Lots): string =>
  trimDecimal(quantityText(instrument, lots))

/** A stop that has not been triggered. */
export const isWaiting = ({ triggerPrice, triggered }: SimulatedOrder): boolean => triggerPrice !== null && !triggered

/** What has traded of an order, in units of the quote asset. */
export const tradedUnits = (order: SimulatedOrder): bigint =>
  order.cost * notionalUnits(order.instrument.instrument, 1, 1)

/** The average price of what has traded, in units; zero where nothing has. */
export function averageUnits(order: SimulatedOrder): bigint {
  const { lotSize, quantityScale } = order.instrument.instrument
  if (order.filled === 0) return 0n
  return (tradedUnits(order) * powerOfTen(quantityScale)) / (BigInt(order.filled) * BigInt(lotSize))
}

/** All fees of an order, whatever they were charged in. */
export const feesOf = (order: SimulatedOrder): bigint => [...order.fees.values()].reduce((sum, fee) => sum + fee, 0n)

/** The price of the last trade; before the first that between the best ones. */
export const lastPrice = ({ tape, market }: VenueContext, listed: SimulatedInstrument): Ticks =>
  tape.trades(listed).at(-1)?.price ?? market.reference(listed)

/** The best level of each side; zeros for a side that is empty. */
export function bestLevels({ market }: VenueContext, listed: SimulatedInstrument): { bid: Level; ask: Level } {
  const { bids, asks } = market.levels(listed, 1)
  return { bid: bids[0] ?? [0, 0], ask: asks[0] ?? [0, 0] }
}

/** About how much of the quote asset a candle has moved. */
export const turnoverOf = ({ instrument }: SimulatedInstrument, { high, low, close, volume }: Candle): number =>
  volume * priceFloat(instrument, (high + low + 2 * close) / 4)
