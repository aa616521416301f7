import type { Order } from 'ccxt'
import { expect, test } from 'vitest'
import { defineInstrument } from '../../kernel/index.ts'
import { orderOf } from './convert.ts'

const XRP = defineInstrument({ venue: 'binance', pair: 'XRP/USDT', tick: '0.0001', lot: '0.1' })

const answer = (change: object): Order =>
  ({
    id: '7',
    side: 'buy',
    status: 'closed',
    amount: '100',
    filled: '100',
    timestamp: 1,
    ...change,
  }) as unknown as Order

test.each([
  ['the average of a market order is no limit', { type: 'market', price: '0.50005', average: '0.50005' }, null],
  ['not even where it happens to lie on the tick', { type: 'market', price: '0.5', average: '0.5' }, null],
  ['nor where it has more digits than the market', { type: 'market', price: '0.500012345678', average: '0.5' }, null],
  ['the average of a stop is none', { type: 'market', triggerPrice: '0.6', price: '0.50005' }, null],
  ['of an order whose type is not told, what is off the tick is none', { price: '0.50005' }, null],
  ['a limit is in ticks, whatever it filled at', { type: 'limit', price: '0.5', average: '0.49995' }, 5_000],
  ['a stop limit has one', { type: 'limit', triggerPrice: '0.6', price: '0.5' }, 5_000],
])('%s', (_, change, price) => {
  expect(orderOf(XRP, answer(change), 0)).toMatchObject({ price, quantity: 1_000, filled: 1_000, state: 'filled' })
})
