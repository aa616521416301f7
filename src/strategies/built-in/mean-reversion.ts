import { ATR, BollingerBands } from 'trading-signals'
import { z } from 'zod'
import { defineStrategy } from '../../trading/index.ts'
import { sizeByRisk } from './sizing.ts'

const Parameters = z.strictObject({
  length: z.int().min(5).max(1_000).default(20).describe('Candles of the Bollinger bands'),
  deviations: z.number().min(0.5).max(5).default(2).describe('Standard deviations from the middle to a band'),
  atr: z.int().min(2).max(1_000).default(14).describe('Candles of the average true range'),
  stop: z.number().min(0.5).max(50).default(3).describe('Average true ranges below the entry where it gives up'),
  patience: z.int().min(1).max(100).default(3).describe('Candles that the limit order of an entry may wait'),
  holdMax: z.int().min(1).max(10_000).default(24).describe('Candles after which it leaves whatever happened'),
  risk: z.number().gt(0).max(0.1).default(0.02).describe('Share of equity lost if the stop is hit'),
})

/** Buys by a limit order at the close below the lower Bollinger band, and leaves at the middle, at a stop, or when its time is up. */
export const meanReversion = defineStrategy({
  name: 'mean-reversion',
  title: 'Mean reversion',
  description:
    'Bids at the close of a candle below its lower Bollinger band, betting on a return to the middle. Leaves at the middle, at a stop, or after a set number of candles.',
  parameters: Parameters,
  warmup: p => Math.max(p.length, 4 * p.atr),
  indicators: p => ({ bands: new BollingerBands(p.length, p.deviations), atr: new ATR(p.atr) }),
  feed: (indicators, candle) => {
    indicators.bands.add(candle.close)
    indicators.atr.add(candle)
  },
  memory: () => ({ held: 0, entry: 0, waited: 0 }),

  onCandle(candle, context) {
    if (!context.isWarm) return
    const { parameters, indicators, state } = context
    const [order] = context.openOrders
    if (order !== undefined) {
      state.waited += 1
      if (order.request.type === 'limit' && state.waited >= parameters.patience) context.cancel(order.request.id)
      return
    }
    const bands = indicators.bands.getResultOrThrow()
    const atr = indicators.atr.getResultOrThrow()
    if (context.position > 0) {
      state.held += 1
      // Started again with a position, it no longer knows its entry.
      if (state.entry === 0) state.entry = candle.close
      const reason =
        candle.close >= bands.middle
          ? 'back at the middle'
          : candle.close < state.entry - parameters.stop * atr
            ? 'stop'
            : state.held >= parameters.holdMax
              ? 'time is up'
              : null
      if (reason !== null) context.place({ side: 'sell', quantity: context.position, reason })
      return
    }
    if (candle.close >= bands.lower) return
    const quantity = sizeByRisk(context.instrument, {
      equity: context.equity,
      cash: context.cash,
      price: candle.close,
      distance: parameters.stop * atr,
      riskFraction: parameters.risk,
      cashFraction: 0.95,
    })
    if (quantity === 0) return
    const reason = 'closed below the lower band'
    const placed = context.place({ side: 'buy', type: 'limit', price: candle.close, quantity, reason })
    if (typeof placed !== 'string') return
    state.held = 0
    state.waited = 0
    state.entry = candle.close
  },
})
