import { describe, expect, test } from 'vitest'
import { defineInstrument, MICROS_PER_SECOND, type OrderId, type OrderRequest } from '../../kernel/index.ts'
import { checkOrder, limitsFor, type RiskLimits, type RiskView } from './risk.ts'

/** A tick is 0.01 and a lot 0.1: price × quantity is counted in thousandths. */
const instrument = defineInstrument({
  venue: 'paper',
  pair: 'ABC/USD',
  tick: '0.01',
  lot: '0.1',
  quantityMin: '0.5',
  quantityMax: '1000',
  notionalMin: '5',
})
const limits: RiskLimits = {
  positionLotsMax: 300,
  notionalMax: 100_000n,
  notionalMin: 5_000n,
  collarBps: 500,
  ordersPerWindowMax: 3,
  orderWindow: 10 * MICROS_PER_SECOND,
  priceAgeMax: 30 * MICROS_PER_SECOND,
  shortAllowed: false,
}
const NOW = 1_000 * MICROS_PER_SECOND
const seen: RiskView = {
  now: NOW,
  killed: false,
  staleness: null,
  position: 0,
  openBuys: 0,
  openSells: 0,
  lastPrice: 1_000,
  lastPriceAt: NOW,
  cash: 1_000_000n,
  orderTimes: [],
}
const buy: OrderRequest = {
  id: 'run-1' as OrderId,
  instrument: instrument.id,
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  quantity: 50,
}
const check = (order: Partial<OrderRequest>, view: Partial<RiskView> = {}, changed: Partial<RiskLimits> = {}) =>
  checkOrder(instrument, { ...limits, ...changed }, { ...seen, ...view }, { ...buy, ...order })
const refused = (code: string, details: Record<string, unknown> = {}) => ({ refused: code, details })

test('what keeps every limit passes', () => {
  expect(check({})).toBeNull()
  expect(check({ type: 'limit', price: 1_000 })).toBeNull()
  expect(check({ type: 'stop_limit', price: 1_001, triggerPrice: 1_000 })).toBeNull()
})

describe('fails closed', () => {
  test('without a price, or with a price that is too old by a microsecond, nothing passes', () => {
    expect(check({}, { lastPrice: null })).toEqual(refused('risk.no_price'))
    expect(check({}, { lastPriceAt: NOW - 30 * MICROS_PER_SECOND })).toBeNull()
    expect(check({}, { lastPriceAt: NOW - 30 * MICROS_PER_SECOND - 1 })).toEqual(
      refused('risk.price_stale', { ageMicros: 30_000_001, ageMicrosMax: 30_000_000 }),
    )
  })

  test('the kill switch comes before everything else', () => {
    expect(check({ quantity: Number.NaN }, { killed: true, lastPrice: null })).toEqual(refused('risk.kill_switch'))
  })
})

describe('the shape of an order', () => {
  test.each([4, 0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a quantity of %d lots is no order', quantity => {
    expect(check({ quantity })).toEqual(refused('risk.quantity_too_small', { quantity, quantityMin: 5 }))
  })

  test('the smallest and the largest quantity pass, one lot beyond does not', () => {
    const wide = { notionalMin: 0n, notionalMax: 10n ** 12n, positionLotsMax: 10 ** 9 }
    const rich = { cash: 10n ** 12n }
    expect(check({ quantity: 5 }, rich, wide)).toBeNull()
    expect(check({ quantity: 10_000 }, rich, wide)).toBeNull()
    expect(check({ quantity: 10_001 }, rich, wide)).toEqual(
      refused('risk.quantity_too_large', { quantity: 10_001, quantityMax: 10_000 }),
    )
  })

  test.each([
    ['a limit order without a price', { type: 'limit' }, 'risk.price_shape'],
    ['a market order with one', { type: 'market', price: 1_000 }, 'risk.price_shape'],
    ['a stop without a trigger', { type: 'stop' }, 'risk.trigger_shape'],
    ['a limit order with one', { type: 'limit', price: 1_000, triggerPrice: 1_000 }, 'risk.trigger_shape'],
    ['a stop-limit without a price', { type: 'stop_limit', triggerPrice: 1_000 }, 'risk.price_shape'],
  ] as const)('%s', (_, order, code) => {
    expect(check(order)).toEqual(refused(code, { type: order.type }))
  })

  test.each([0, -1, 10.5, Number.NaN])('a price of %d ticks is none', price => {
    expect(check({ type: 'limit', price })).toEqual(refused('risk.price_invalid', { price }))
    expect(check({ type: 'stop', triggerPrice: price })).toEqual(refused('risk.price_invalid', { price }))
  })
})

describe('how often', () => {
  const at = (...secondsAgo: number[]) => ({ orderTimes: secondsAgo.map(s => NOW - s * MICROS_PER_SECOND) })

  test('the third order of a window passes, the fourth does not', () => {
    expect(check({}, at(3, 2))).toBeNull()
    expect(check({}, at(3, 2, 1))).toEqual(
      refused('risk.order_rate', { orders: 3, ordersMax: 3, windowMicros: 10_000_000 }),
    )
  })

  test('an order exactly one window old counts no longer', () => {
    expect(check({}, at(10, 2, 1))).toBeNull()
    expect(check({}, at(9.999999, 2, 1))).toMatchObject({ refused: 'risk.order_rate' })
  })
})

describe('how far from the market', () => {
  test.each([
    [1_050, null],
    [950, null],
    [1_051, 510],
    [949, 510],
  ])('a limit of %d ticks with the last at 1,000', (price, distanceBps) => {
    expect(check({ type: 'limit', price })).toEqual(
      distanceBps === null ? null : refused('risk.price_collar', { price, last: 1_000, distanceBps, collarBps: 500 }),
    )
  })

  test('a trigger is held to it too', () => {
    expect(check({ type: 'stop', triggerPrice: 1_051 })).toMatchObject({ refused: 'risk.price_collar' })
  })
})

describe('how much money', () => {
  test('the largest value of an order passes, a tick more does not', () => {
    expect(check({ type: 'limit', price: 1_000, quantity: 100 })).toBeNull()
    expect(check({ type: 'limit', price: 1_001, quantity: 100 })).toEqual(
      refused('risk.notional_too_large', { notional: '100100', notionalMax: '100000' }),
    )
  })

  test('the smallest value that the venue takes passes, less does not', () => {
    expect(check({ type: 'limit', price: 1_000, quantity: 5 })).toBeNull()
    expect(check({ type: 'limit', price: 999, quantity: 5 })).toEqual(
      refused('risk.notional_too_small', { notional: '4995', notionalMin: '5000' }),
    )
  })

  test('a buy needs its cash, and that of the buys that are open', () => {
    expect(check({}, { cash: 50_000n })).toBeNull()
    expect(check({}, { cash: 49_999n })).toEqual(refused('risk.insufficient_funds', { needed: '50000', cash: '49999' }))
    expect(check({}, { cash: 60_000n, openBuys: 10 })).toBeNull()
    expect(check({}, { cash: 59_999n, openBuys: 10 })).toMatchObject({ refused: 'risk.insufficient_funds' })
  })

  test('a sell of what is held needs none', () => {
    expect(check({ side: 'sell' }, { cash: 0n, position: 50 })).toBeNull()
  })
})

describe('how large a position', () => {
  test('nothing is sold that is not held, open sells counted', () => {
    expect(check({ side: 'sell', quantity: 50 }, { position: 50 })).toBeNull()
    expect(check({ side: 'sell', quantity: 51 }, { position: 50 })).toEqual(
      refused('risk.short_not_allowed', { position: 50, openSells: 0, quantity: 51 }),
    )
    expect(check({ side: 'sell', quantity: 41 }, { position: 50, openSells: 10 })).toMatchObject({
      refused: 'risk.short_not_allowed',
    })
  })

  test('up to the limit, open buys counted; never beyond', () => {
    expect(check({ quantity: 100 }, { position: 150, openBuys: 50 })).toBeNull()
    expect(check({ quantity: 100 }, { position: 150, openBuys: 51 })).toEqual(
      refused('risk.position_too_large', { after: 301, positionLotsMax: 300 }),
    )
  })

  test('what makes a position smaller passes even from beyond the limit', () => {
    expect(check({ side: 'sell', quantity: 50 }, { position: 400 })).toBeNull()
  })

  test('a short may be closed, and is limited too where shorts are allowed', () => {
    expect(check({ side: 'buy', quantity: 50 }, { position: -50, cash: 0n })).toBeNull()
    expect(check({ side: 'sell', quantity: 100 }, { position: -200 }, { shortAllowed: true })).toBeNull()
    expect(check({ side: 'sell', quantity: 100 }, { position: -201 }, { shortAllowed: true })).toEqual(
      refused('risk.position_too_large', { after: -301, positionLotsMax: 300 }),
    )
  })
})

test('limits that suit an allocation: the instrument’s minimum, no shorts, a price not older than half a minute', () => {
  expect(limitsFor(instrument, 10_000_000n)).toMatchObject({
    notionalMin: 5_000n,
    shortAllowed: false,
    priceAgeMax: 30_000_000,
    ordersPerWindowMax: 20,
    orderWindow: 10_000_000,
    collarBps: 500,
  })
})
