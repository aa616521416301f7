import { ATR, EMA } from 'trading-signals'
import { z } from 'zod'
import { defineStrategy } from '../../trading/index.ts'
import { sizeByRisk } from './sizing.ts'

const Parameters = z.strictObject({
  fast: z.int().min(2).max(1_000).default(24).describe('Candles of the fast moving average'),
  slow: z.int().min(3).max(5_000).default(96).describe('Candles of the slow moving average'),
  atr: z.int().min(2).max(1_000).default(14).describe('Candles of the average true range'),
  band: z
    .number()
    .min(0)
    .max(10)
    .default(0.25)
    .describe('Average true ranges that the averages must be apart to enter'),
  trail: z
    .number()
    .min(0.5)
    .max(50)
    .default(4)
    .describe('Average true ranges from the highest close to the trailing stop'),
  risk: z.number().gt(0).max(0.1).default(0.02).describe('Share of equity lost if the trailing stop is hit at once'),
})

/** Long when the fast moving average is above the slow one; size by volatility; out by a trailing stop or the averages. */
export const trend = defineStrategy({
  name: 'trend',
  title: 'Trend',
  description:
    'Buys when a fast exponential moving average stands clear above a slow one, sized so that its stop costs a fixed share of equity. Leaves at a trailing stop or when the averages cross back.',
  parameters: Parameters.refine(p => p.fast < p.slow, { path: ['fast'], error: 'must be below slow' }),
  warmup: p => 4 * Math.max(p.slow, p.atr),
  indicators: p => ({ fast: new EMA(p.fast), slow: new EMA(p.slow), atr: new ATR(p.atr) }),
  feed: (indicators, candle) => {
    indicators.fast.add(candle.close)
    indicators.slow.add(candle.close)
    indicators.atr.add(candle)
  },
  memory: (): { highest: number; stopped: boolean } => ({ highest: 0, stopped: false }),

  onCandle(candle, context) {
    if (!context.isWarm || context.openOrders.length > 0) return
    const { parameters, indicators, state } = context
    const fast = indicators.fast.getResultOrThrow()
    const slow = indicators.slow.getResultOrThrow()
    const atr = indicators.atr.getResultOrThrow()
    if (context.position > 0) {
      if (candle.close > state.highest) state.highest = candle.close
      const stop = state.highest - parameters.trail * atr
      if (candle.close > stop && fast >= slow) return
      context.place({
        side: 'sell',
        quantity: context.position,
        reason: fast < slow ? 'averages crossed down' : 'trailing stop',
      })
      state.stopped = fast >= slow
      return
    }
    if (fast <= slow) state.stopped = false
    if (state.stopped || fast - slow <= parameters.band * atr) return
    const quantity = sizeByRisk(context.instrument, {
      equity: context.equity,
      cash: context.cash,
      price: candle.close,
      distance: parameters.trail * atr,
      riskFraction: parameters.risk,
      cashFraction: 0.95,
    })
    if (quantity === 0) return
    const placed = context.place({ side: 'buy', quantity, reason: 'averages crossed up' })
    if (typeof placed === 'string') state.highest = candle.close
  },
})
