import { ATR } from 'trading-signals'
import { z } from 'zod'
import { lotsFromFloat, priceFloat } from '../../src/kernel/index.ts'
import { defineStrategy } from '../../src/trading/index.ts'

/** Buys when a candle closes above the highest high before it, and leaves when the price falls back from its best. */
export const breakout = defineStrategy({
  name: 'breakout',
  title: 'Breakout',
  description:
    'Buys a close above the highest high of the last candles; leaves a few average true ranges below its best.',
  parameters: z.strictObject({
    length: z.int().min(5).max(500).default(20).describe('Candles whose highest high must be broken'),
    atr: z.int().min(2).max(500).default(14).describe('Candles of the average true range'),
    trail: z.number().min(0.5).max(50).default(3).describe('Average true ranges from the best price to the way out'),
    share: z.number().gt(0).max(1).default(0.25).describe('Share of the equity that a position may cost'),
  }),
  warmup: p => Math.max(p.length + 1, 4 * p.atr),
  indicators: p => ({ atr: new ATR(p.atr) }),
  feed: (indicators, candle) => {
    indicators.atr.add(candle)
  },
  memory: (): { best: number } => ({ best: 0 }),

  onCandle(candle, context) {
    if (!context.isWarm || context.openOrders.length > 0) return
    const { instrument, parameters, indicators, state } = context
    if (context.position > 0) {
      state.best = Math.max(state.best, candle.high)
      const exit = state.best - parameters.trail * indicators.atr.getResultOrThrow()
      if (candle.close < exit)
        context.place({ side: 'sell', quantity: context.position, reason: 'fell back from its best' })
      return
    }
    const before = context.history(parameters.length + 1).slice(0, -1)
    if (candle.close <= Math.max(...before.map(({ high }) => high))) return
    const spend = context.equity * parameters.share
    const quantity = lotsFromFloat(instrument, spend / priceFloat(instrument, candle.close))
    if (quantity < instrument.quantityMin) return
    state.best = candle.high
    context.place({ side: 'buy', quantity, reason: `above the last ${parameters.length} highs` })
  },
})
