import { z } from 'zod'
import { lotsFromFloat, MICROS_PER_MS, type Micros } from '../../src/kernel/index.ts'
import { type AnyStrategy, defineStrategy } from '../../src/trading/index.ts'

const ACT_EVERY: Micros = 700 * MICROS_PER_MS

/** Trades all the time and in every way, by its own seed: buys and sells, rests and takes, cancels what rests. */
export const busy: AnyStrategy = defineStrategy({
  name: 'busy',
  title: 'Busy',
  description: 'For simulations.',
  parameters: z.strictObject({}),
  warmup: () => 0,
  indicators: () => ({}),
  feed() {},
  memory: (): string | null => null,
  onBook(_, context) {
    if (context.state === null) {
      context.state = 'begun'
      context.setTimer('act', context.now)
    }
  },
  onTimer(_, context) {
    context.setTimer('act', context.now + ACT_EVERY)
    const { random, lastPrice, instrument, openOrders } = context
    if (lastPrice === null) return
    const chance = random.next()
    for (const order of openOrders)
      if (order.state !== 'submitted' && random.next() < 0.25) context.cancel(order.request.id)
    if (chance > 0.5 || openOrders.length > 6) return
    const size = lotsFromFloat(instrument, 20 + Math.floor(random.next() * 60))
    const side = context.position >= size && random.next() < 0.6 ? 'sell' : 'buy'
    const quantity = side === 'sell' ? Math.min(size, context.position) : size
    const kind = random.next()
    const away = (side === 'buy' ? -1 : 1) * Math.round(lastPrice * (0.0002 + random.next() * 0.002))
    const through = (side === 'buy' ? 1 : -1) * Math.round(lastPrice * 0.003)
    if (kind < 0.3) context.place({ side, quantity, type: 'market', reason: 'busy' })
    else if (kind < 0.45)
      context.place({ side, quantity, type: 'limit', timeInForce: 'ioc', price: lastPrice + through, reason: 'busy' })
    else if (kind < 0.6)
      context.place({ side, quantity, type: 'limit', postOnly: true, price: lastPrice + away, reason: 'busy' })
    else context.place({ side, quantity, type: 'limit', price: lastPrice + away, reason: 'busy' })
  },
})
