import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineInstrument, type Micros } from '../../../src/kernel/index.ts'
import { Account, decimalOf, unitsOf } from './accounts.ts'
import { SimulatedExchange } from './exchange.ts'
import { createSimulatedMarket, type SimulatedInstrument } from './market.ts'
import type { ExchangeRules, NewSimulatedOrder, SimulatedOrder } from './order.ts'

const instrument = defineInstrument({ venue: 'test', pair: 'XRP/USD', tick: '0.01', lot: '0.1', quantityMin: '1' })
const listed: SimulatedInstrument = {
  instrument,
  symbol: 'XRPUSD',
  notionalMin: unitsOf('5'),
  makerPpm: 1_000,
  takerPpm: 2_000,
}
/** Terms under which almost every fee is rounded. */
const oddly: SimulatedInstrument = { ...listed, makerPpm: 1_003, takerPpm: 2_003 }
const AT: Micros = 1_700_000_000_000_000

const rulesOf = (feeCharged: ExchangeRules['feeCharged'], clientIdReuse: ExchangeRules['clientIdReuse']) => ({
  feeCharged,
  clientIdReuse,
  orderId: (number: number) => `O${number}`,
  fillId: (number: number) => `F${number}`,
})

/** An empty book: whatever rests, a test has put there. */
function open(
  balances: Readonly<Record<string, string>>,
  feeCharged: ExchangeRules['feeCharged'] = 'quote',
  clientIdReuse: ExchangeRules['clientIdReuse'] = 'once_closed',
  traded = listed,
) {
  const market = createSimulatedMarket({
    instruments: [traded],
    seed: 'x',
    start: AT,
    kind: 'still',
    prices: { 'XRP/USD': 100 },
  })
  for (const side of ['bids', 'asks'] as const)
    for (const [, lots] of market.levels(traded, 100)[side])
      market.submit(traded, house({ side: side === 'bids' ? 'sell' : 'buy', quantity: lots, taking: true }), AT)
  const exchange = new SimulatedExchange(market, rulesOf(feeCharged, clientIdReuse))
  const account = new Account({ apiKey: 'a', secret: 's' }, balances)
  return { market, exchange, account }
}

let houseIds = 5_000_000
const house = (order: { side: 'buy' | 'sell'; price?: number; quantity: number; taking?: boolean }) => ({
  id: ++houseIds,
  owner: 'house',
  side: order.side,
  type: order.price === undefined ? ('market' as const) : ('limit' as const),
  timeInForce: order.taking === true ? ('ioc' as const) : ('gtc' as const),
  price: order.price,
  quantity: order.quantity,
})

const wish = (change: Partial<NewSimulatedOrder>): NewSimulatedOrder => ({
  clientId: null,
  instrument: listed,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  price: 100,
  quantity: 100,
  ...change,
})

const holding = (account: Account, asset: string) => [decimalOf(account.free(asset)), decimalOf(account.held(asset))]
const placed = (order: SimulatedOrder | string): SimulatedOrder => {
  if (typeof order === 'string') throw new Error(order)
  return order
}

// 100 lots of 0.1 at 1.00: ten XRP for ten dollars.
describe('money', () => {
  test('a resting buy holds its price and the taker fee; its cancel gives all back', () => {
    const { exchange, account } = open({ USD: '100' })
    const order = placed(exchange.place(account, wish({}), AT))
    expect(holding(account, 'USD')).toEqual(['89.98', '10.02'])
    expect(exchange.cancel(order, AT)).toBe(true)
    expect(holding(account, 'USD')).toEqual(['100', '0'])
    expect(exchange.cancel(order, AT)).toBe(false)
  })

  test('a maker pays the maker fee in the quote asset', () => {
    const { exchange, account, market } = open({ USD: '100' })
    const order = placed(exchange.place(account, wish({}), AT))
    market.submit(listed, house({ side: 'sell', price: 100, quantity: 40 }), AT)
    expect([order.state, order.filled]).toEqual(['open', 40])
    expect(holding(account, 'USD')).toEqual(['89.984', '6.012'])
    market.submit(listed, house({ side: 'sell', price: 100, quantity: 60 }), AT)
    expect(order.state).toBe('filled')
    expect(holding(account, 'USD')).toEqual(['89.99', '0'])
    expect(holding(account, 'XRP')).toEqual(['10', '0'])
  })

  test('a taker gets the better price, and pays in what is received where the venue charges so', () => {
    const { exchange, account, market } = open({ USD: '100' }, 'received')
    market.submit(listed, house({ side: 'sell', price: 90, quantity: 100 }), AT)
    const order = placed(exchange.place(account, wish({}), AT))
    expect([order.state, order.cost]).toEqual(['filled', 9_000n])
    expect(holding(account, 'USD')).toEqual(['91', '0'])
    expect(holding(account, 'XRP')).toEqual(['9.98', '0'])
    expect(exchange.fillsOf(account)).toMatchObject([{ liquidity: 'taker', feeAsset: 'XRP', price: 90, quantity: 100 }])
  })

  test('the last cent pays for a taker of many levels, whatever its fees are rounded to', () => {
    const { exchange, account, market } = open({ USD: '10.1202303' }, 'quote', 'never', oddly)
    for (let i = 0; i < 100; i++) market.submit(oddly, house({ side: 'sell', price: 101, quantity: 1 }), AT)
    expect(placed(exchange.place(account, wish({ instrument: oddly, price: 101 }), AT)).state).toBe('filled')
    expect(holding(account, 'USD')).toEqual(['0', '0'])
    // Rounded up a hundred times, the fees would be 0.020231.
    expect(exchange.fills.reduce((sum, { fee }) => sum + fee, 0n)).toBe(unitsOf('0.0202303'))
  })
})

describe('stops', () => {
  test('a stop waits for its price, then takes', () => {
    const { exchange, account, market } = open({ XRP: '10' })
    const stop = placed(
      exchange.place(account, wish({ side: 'sell', type: 'stop', price: null, triggerPrice: 95, quantity: 100 }), AT),
    )
    market.submit(listed, house({ side: 'buy', price: 96, quantity: 10 }), AT)
    market.submit(listed, house({ side: 'sell', quantity: 10, taking: true }), AT)
    expect([stop.state, stop.triggered]).toEqual(['open', false])
    market.submit(listed, house({ side: 'buy', price: 95, quantity: 110 }), AT)
    market.submit(listed, house({ side: 'sell', quantity: 10, taking: true }), AT)
    expect([stop.state, stop.triggered, stop.filled]).toEqual(['filled', true, 100])
    expect(holding(account, 'USD')).toEqual(['9.481', '0'])
  })

  test('a stop that can no longer be paid is canceled when it is triggered', () => {
    const { exchange, account, market } = open({ USD: '11' })
    const stop = placed(exchange.place(account, wish({ type: 'stop', price: null, triggerPrice: 100 }), AT))
    market.submit(listed, house({ side: 'sell', price: 100, quantity: 10 }), AT)
    market.submit(listed, house({ side: 'sell', price: 200, quantity: 500 }), AT)
    market.submit(listed, house({ side: 'buy', price: 100, quantity: 10, taking: true }), AT)
    expect([stop.state, stop.filled, stop.reason]).toEqual(['canceled', 0, 'Insufficient funds'])
    expect(holding(account, 'USD')).toEqual(['11', '0'])
  })

  test('a stop that waits is amended without being in the book', () => {
    const { exchange, account } = open({ USD: '100' })
    const stop = placed(exchange.place(account, wish({ type: 'stop_limit', price: 100, triggerPrice: 99 }), AT))
    expect(exchange.amend(stop, { quantity: 50, price: 110 }, AT)).toBeNull()
    expect([stop.quantity, stop.price, stop.state]).toEqual([50, 110, 'open'])
    expect(holding(account, 'USD')).toEqual(['94.489', '5.511'])
  })
})

describe('refusals', () => {
  test.each([
    ['insufficient_funds', wish({ quantity: 10_000 })],
    ['quantity_too_small', wish({ quantity: 9 })],
    ['notional_too_small', wish({ quantity: 40 })],
    ['price_invalid', wish({ price: -1 })],
    ['trigger_invalid', wish({ type: 'stop', price: null })],
    ['would_cross', wish({ price: 105, postOnly: true })],
  ])('%s', (refusal, order) => {
    const { exchange, account, market } = open({ USD: '100' })
    market.submit(listed, house({ side: 'sell', price: 105, quantity: 100 }), AT)
    expect(exchange.place(account, order, AT)).toBe(refusal)
    expect(holding(account, 'USD')).toEqual(['100', '0'])
    expect(exchange.ordersOf(account)).toEqual([])
  })

  test.each([
    ['insufficient_funds', { quantity: 10_000 }],
    ['quantity_too_small', { quantity: 9 }],
    ['notional_too_small', { quantity: 40 }],
    ['price_invalid', { price: 0 }],
    ['price_invalid', { price: -5 }],
  ])('an amend too: %s %j', (refusal, change) => {
    const { exchange, account } = open({ USD: '100' })
    const order = placed(exchange.place(account, wish({}), AT))
    expect(exchange.amend(order, change, AT)).toBe(refusal)
    expect([order.quantity, order.price]).toEqual([100, 100])
    expect(holding(account, 'USD')).toEqual(['89.98', '10.02'])
  })

  test.each([
    ['never', 'duplicate_client_id', 'duplicate_client_id'],
    ['once_closed', 'duplicate_client_id', 'taken'],
    ['always', 'taken', 'taken'],
  ] as const)('a client id may be used again %s', (reuse, whileOpen, afterwards) => {
    const { exchange, account } = open({ USD: '100' }, 'quote', reuse)
    const order = placed(exchange.place(account, wish({ clientId: 'mine' }), AT))
    const again = () => {
      const result = exchange.place(account, wish({ clientId: 'mine' }), AT)
      return typeof result === 'string' ? result : 'taken'
    }
    expect(again()).toBe(whileOpen)
    exchange.cancel(order, AT)
    expect(again()).toBe(afterwards)
  })

  test('fill-or-kill takes all or nothing, immediate-or-cancel what there is', () => {
    const { exchange, account, market } = open({ USD: '100' })
    market.submit(listed, house({ side: 'sell', price: 100, quantity: 60 }), AT)
    const killed = placed(exchange.place(account, wish({ timeInForce: 'fok' }), AT))
    expect([killed.state, killed.filled]).toEqual(['expired', 0])
    const taken = placed(exchange.place(account, wish({ timeInForce: 'ioc' }), AT))
    expect([taken.state, taken.filled]).toEqual(['expired', 60])
    expect(account.held('USD')).toBe(0n)
  })
})

/** What two accounts and the house do to one book. */
const action = fc.record({
  who: fc.nat(1),
  what: fc.constantFrom('place', 'place', 'place', 'cancel', 'amend', 'house', 'house'),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  type: fc.constantFrom('limit' as const, 'limit' as const, 'market' as const, 'stop' as const, 'stop_limit' as const),
  timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
  postOnly: fc.boolean(),
  price: fc.integer({ min: 80, max: 120 }),
  trigger: fc.integer({ min: 80, max: 120 }),
  quantity: fc.integer({ min: 1, max: 400 }),
  nth: fc.nat(20),
  part: fc.option(fc.double({ min: 0.1, max: 0.9, noNaN: true })),
})

describe('whatever happens', () => {
  test.each(['quote', 'received'] as const)('no money is made or lost, fees in %s', feeCharged => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), actions => {
        const { exchange, market, account } = open({ USD: '60', XRP: '60' }, feeCharged, 'never', oddly)
        const accounts = [account, new Account({ apiKey: 'b', secret: 's' }, { USD: '60', XRP: '60' })]
        const orders: SimulatedOrder[] = []
        for (const { who, what, side, type, price, trigger, quantity, nth, part, ...rest } of actions) {
          const target = orders[nth % Math.max(1, orders.length)]
          exchange.partialNext = what === 'place' ? part : null
          if (what === 'house') market.submit(oddly, house({ side, price, quantity }), AT)
          else if (what === 'place') {
            const isMarket = type === 'market' || type === 'stop'
            const order = exchange.place(
              accounts[who]!,
              wish({
                ...rest,
                instrument: oddly,
                postOnly: rest.postOnly && type === 'limit' && rest.timeInForce === 'gtc',
                side,
                type,
                quantity,
                price: isMarket ? null : price,
                triggerPrice: type === 'stop' || type === 'stop_limit' ? trigger : null,
              }),
              AT,
            )
            if (typeof order !== 'string') orders.push(order)
          } else if (target?.state === 'open') {
            if (what === 'cancel') exchange.cancel(target, AT)
            else if (target.price !== null) exchange.amend(target, { price, quantity }, AT)
          }
          exchange.partialNext = null
          check(exchange, accounts, orders)
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** Every balance follows from the fills alone, and what is held from the open orders alone. */
function check(exchange: SimulatedExchange, accounts: readonly Account[], orders: readonly SimulatedOrder[]): void {
  for (const account of accounts) {
    const expected = new Map([
      ['USD', unitsOf('60')],
      ['XRP', unitsOf('60')],
    ])
    const add = (asset: string, units: bigint) => expected.set(asset, expected.get(asset)! + units)
    for (const { order, price, quantity, fee, feeAsset } of exchange.fillsOf(account)) {
      const sign = order.side === 'buy' ? 1n : -1n
      add('XRP', sign * BigInt(quantity) * 10n ** 17n)
      add('USD', -sign * BigInt(price) * BigInt(quantity) * 10n ** 15n)
      add(feeAsset, -fee)
    }
    for (const [asset, units] of expected) {
      expect(account.total(asset)).toBe(units)
      expect(account.free(asset) >= 0n && account.held(asset) >= 0n).toBe(true)
      const held = orders
        .filter(order => order.account === account && (order.side === 'buy' ? 'USD' : 'XRP') === asset)
        .reduce((sum, order) => sum + order.held, 0n)
      expect(account.held(asset)).toBe(held)
    }
  }
  for (const order of orders) {
    const filled = exchange.fills.filter(fill => fill.order === order).reduce((sum, { quantity }) => sum + quantity, 0)
    expect(order.filled).toBe(filled)
    expect(order.filled).toBeLessThanOrEqual(order.quantity)
    if (order.state !== 'open') expect(order.held).toBe(0n)
  }
}
