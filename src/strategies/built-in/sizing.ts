import { type Instrument, type Lots, lotsFromFloat, priceFloat, quantityFloat, type Ticks } from '../../kernel/index.ts'

/**
 * Lots so that a move of `distance` ticks against the position costs `riskFraction` of the equity, and never more than
 * `cashFraction` of the cash: volatility-scaled size when `distance` is a multiple of the average true range.
 * Zero when that is less than the instrument takes.
 * Equity and cash in the quote asset; floating point, for sizing only.
 */
export function sizeByRisk(
  instrument: Instrument,
  wish: { equity: number; cash: number; price: Ticks; distance: number; riskFraction: number; cashFraction: number },
): Lots {
  const price = priceFloat(instrument, wish.price)
  const distance = priceFloat(instrument, wish.distance)
  if (!(price > 0) || !(distance > 0)) return 0
  const byRisk = (wish.equity * wish.riskFraction) / distance
  const byCash = (wish.cash * wish.cashFraction) / price
  const quantity = lotsFromFloat(instrument, Math.max(0, Math.min(byRisk, byCash)))
  const isTaken =
    quantity >= instrument.quantityMin && quantityFloat(instrument, quantity) * price >= Number(instrument.notionalMin)
  return isTaken ? quantity : 0
}
