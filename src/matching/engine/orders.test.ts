import { describe, expect, test } from 'vitest'
import {
  amend,
  buy,
  cancel,
  cancelAll,
  ENGINES,
  givenOf,
  LIMITS,
  market,
  phase,
  rules,
  type Step,
  sell,
  tick,
} from './testing.ts'

type Row = [rule: string, given: Step[], when: Step[], then: string[]]

/** Asks of 5 and 7 at 101 and of 9 at 102, a bid of 4 at 99. */
const ladder = [
  sell('s1', 'bob', 5, 101),
  sell('s2', 'bob', 7, 101),
  sell('s3', 'bob', 9, 102),
  buy('b1', 'bob', 4, 99),
]
const ioc = { timeInForce: 'ioc' } as const
const fok = { timeInForce: 'fok' } as const
const postOnly = { isPostOnly: true }
const iceberg = { display: 3 }

const orders: Row[] = [
  ['a limit order that crosses nothing rests', ladder, [buy('x', 'alice', 3, 100)], ['accepted x 3@100']],
  [
    'the earliest trades first, at the maker’s price',
    ladder,
    [buy('x', 'alice', 8, 105)],
    ['accepted x 8@105', 'traded s1 x 5@101', 'traded s2 x 3@101'],
  ],
  [
    'the rest of an immediate-or-cancel order goes',
    ladder,
    [buy('x', 'alice', 20, 101, ioc)],
    ['accepted x 20@101', 'traded s1 x 5@101', 'traded s2 x 7@101', 'canceled x 8 immediate_or_cancel'],
  ],
  [
    'fill-or-kill that cannot be filled is refused',
    ladder,
    [buy('x', 'alice', 13, 101, fok)],
    ['refused not_fillable'],
  ],
  [
    'fill-or-kill that can be filled is',
    ladder,
    [buy('x', 'alice', 12, 101, fok)],
    ['accepted x 12@101', 'traded s1 x 5@101', 'traded s2 x 7@101'],
  ],
  [
    'fill-or-kill counts what icebergs hide',
    [sell('i', 'bob', 9, 101, iceberg)],
    [buy('x', 'alice', 9, 101, fok)],
    ['accepted x 9@101', 'traded i x 3@101', 'traded i x 3@101', 'traded i x 3@101'],
  ],
  ['post-only never takes', ladder, [buy('x', 'alice', 1, 101, postOnly)], ['refused would_cross']],
  ['post-only beside the spread rests', ladder, [buy('x', 'alice', 1, 100, postOnly)], ['accepted x 1@100']],
  [
    'a market order sweeps, and its rest goes',
    ladder,
    [buy('x', 'alice', 30, 0, market)],
    ['accepted x 30', 'traded s1 x 5@101', 'traded s2 x 7@101', 'traded s3 x 9@102', 'canceled x 9 no_liquidity'],
  ],
  [
    'a market order goes no further than its protection',
    [rules({ protectionPpm: 5_000 }), ...ladder],
    [buy('x', 'alice', 30, 0, market)],
    ['accepted x 30', 'traded s1 x 5@101', 'traded s2 x 7@101', 'canceled x 18 price_band'],
  ],
  ['a market order needs another side', [], [buy('x', 'alice', 1, 0, market)], ['refused no_liquidity']],
  ['a quantity is positive', [], [buy('x', 'alice', 0, 1)], ['refused invalid']],
  ['a market order has no price', ladder, [buy('x', 'alice', 1, 1, market)], ['refused invalid']],
  ['a market order does not rest', ladder, [buy('x', 'alice', 1, 0, { type: 'market' })], ['refused invalid']],
  ['post-only rests', [], [buy('x', 'alice', 1, 1, { ...postOnly, ...ioc })], ['refused invalid']],
  ['an iceberg hides something', [], [buy('x', 'alice', 3, 1, iceberg)], ['refused invalid']],
  ['an iceberg rests', [], [buy('x', 'alice', 9, 1, { ...iceberg, ...ioc })], ['refused invalid']],
  ['quantities have a minimum', [rules({ quantityMin: 2 })], [buy('x', 'alice', 1, 1)], ['refused quantity_below_min']],
  ['and a maximum', [rules({ quantityMax: 2 })], [buy('x', 'alice', 3, 1)], ['refused quantity_above_max']],
  ['prices have a maximum', [rules({ priceMax: 10 })], [buy('x', 'alice', 1, 11)], ['refused price_above_max']],
  [
    'an order is worth something',
    [rules({ notionalMin: 10 })],
    [buy('x', 'alice', 1, 9), buy('y', 'alice', 1, 10)],
    ['refused notional_below_min', 'accepted y 1@10'],
  ],
  [
    'no product leaves the safe integers',
    [rules({ priceMax: 2 ** 40, quantityMax: 2 ** 40 })],
    [sell('x', 'alice', 2 ** 26, 2 ** 27), sell('y', 'alice', 2 ** 40, 2 ** 40)],
    ['refused amount_above_max', 'refused amount_above_max'],
  ],
  ['accounts are known', [], [{ ...buy('x', 'alice', 1, 1), account: 7 }], ['refused unknown_account']],
  ['instruments too', [], [{ ...buy('x', 'alice', 1, 1), instrument: 7 }], ['refused unknown_instrument']],
  ['a halted market takes cancels only', [...ladder, phase('halted')], [buy('x', 'alice', 1, 1)], ['refused phase']],
  [
    'a closed one too',
    [...ladder, phase('closed')],
    [buy('x', 'alice', 1, 1), amend('s1', 'bob', { quantity: 1 }), cancel('s1', 'bob')],
    ['refused phase', 'refused phase', 'canceled s1 5 requested'],
  ],
]

const ends: Row[] = [
  ['a cancel gives back what is open', ladder, [cancel('s1', 'bob')], ['canceled s1 5 requested']],
  ['others’ orders are unknown', ladder, [cancel('s1', 'alice')], ['refused unknown_order']],
  ['so is a filled one', [...ladder, buy('x', 'alice', 5, 101)], [cancel('s1', 'bob')], ['refused unknown_order']],
  [
    'all of an account go, the oldest first',
    [...ladder, sell('c', 'carol', 1, 103)],
    [cancelAll('bob')],
    ['s1 5', 's2 7', 's3 9', 'b1 4'].map(one => `canceled ${one} requested`),
  ],
  [
    'or those of a session',
    [sell('x', 'bob', 1, 101, { session: 7 }), sell('y', 'bob', 1, 101)],
    [cancelAll('bob', { session: 7 })],
    ['canceled x 1 disconnected'],
  ],
  ['or of an instrument', ladder, [cancelAll('bob', { instrument: 9 })], ['refused unknown_instrument']],
  [
    'orders expire by time, then by number',
    [
      buy('x', 'bob', 1, 9, { timeInForce: 'gtd', expireAt: 30 }),
      buy('y', 'bob', 1, 9, { timeInForce: 'gtd', expireAt: 20 }),
      buy('z', 'bob', 1, 9, { timeInForce: 'gtd', expireAt: 30 }),
    ],
    [tick(18), tick(1), tick(10)],
    ['canceled y 1 expired', 'canceled x 1 expired', 'canceled z 1 expired'],
  ],
  [
    'what has expired is refused',
    [tick(50)],
    [buy('x', 'bob', 1, 9, { timeInForce: 'gtd', expireAt: 51 })],
    ['refused expired'],
  ],
  [
    'time passes before a command, even a refused one',
    [sell('x', 'bob', 1, 9, { timeInForce: 'gtd', expireAt: 20 })],
    [{ ...buy('y', 'alice', 0, 9), wait: 30 }],
    ['canceled x 1 expired', 'refused invalid'],
  ],
]

const amends: Row[] = [
  [
    'less keeps priority',
    ladder,
    [amend('s1', 'bob', { quantity: 2 }), buy('x', 'alice', 3, 101)],
    ['amended s1 2@101 kept', 'accepted x 3@101', 'traded s1 x 2@101', 'traded s2 x 1@101'],
  ],
  [
    'more loses it',
    ladder,
    [amend('s1', 'bob', { quantity: 6 }), buy('x', 'alice', 3, 101)],
    ['amended s1 6@101', 'accepted x 3@101', 'traded s2 x 3@101'],
  ],
  [
    'a price through the book trades',
    [...ladder, buy('a', 'alice', 2, 98)],
    [amend('a', 'alice', { price: 102, quantity: 13 })],
    ['amended a 13@102', 'traded s1 a 5@101', 'traded s2 a 7@101', 'traded s3 a 1@102'],
  ],
  [
    'the quantity counts what is filled',
    [...ladder, buy('x', 'alice', 3, 101)],
    [amend('s1', 'bob', { quantity: 4 })],
    ['amended s1 1@101 kept'],
  ],
  [
    'what is filled already cancels the rest',
    [...ladder, buy('x', 'alice', 3, 101)],
    [amend('s1', 'bob', { quantity: 3 })],
    ['canceled s1 2 requested'],
  ],
  ['nothing to change is invalid', ladder, [amend('s1', 'bob', {})], ['refused invalid']],
  ['limits hold', ladder, [amend('s1', 'bob', { price: 2_000_000 })], ['refused price_above_max']],
  ['funds too', ladder, [amend('b1', 'bob', { quantity: 20_000 })], ['refused insufficient_funds']],
  [
    'post-only still never takes',
    [...ladder, buy('p', 'alice', 1, 98, postOnly)],
    [amend('p', 'alice', { price: 101 }), amend('p', 'alice', { price: 100 })],
    ['refused would_cross', 'amended p 1@100'],
  ],
]

const clientIds: Row[] = [
  [
    'the same again is the same order',
    [],
    [buy('x', 'alice', 1, 9, { clientId: 'c' }), buy('y', 'alice', 1, 9, { clientId: 'c', session: 5 })],
    ['accepted x 1@9', 'repeated x'],
  ],
  [
    'though it was amended and closed',
    [buy('x', 'alice', 2, 9, { clientId: 'c' }), amend('x', 'alice', { quantity: 1 }), cancel('x', 'alice')],
    [buy('y', 'alice', 2, 9, { clientId: 'c' }), buy('y', 'alice', 1, 9, { clientId: 'c' })],
    ['repeated x', 'refused client_id_reused'],
  ],
  [
    'a refused order’s is free again',
    [],
    [buy('x', 'alice', 0, 9, { clientId: 'c' }), buy('y', 'alice', 1, 9, { clientId: 'c' })],
    ['refused invalid', 'accepted y 1@9'],
  ],
  [
    'another account may have the same',
    [buy('x', 'alice', 1, 9, { clientId: 'c' })],
    [buy('y', 'bob', 1, 9, { clientId: 'c' })],
    ['accepted y 1@9'],
  ],
  [
    'the oldest closed ones are forgotten',
    ['a', 'b', 'c', 'd'].flatMap(one => [buy(one, 'alice', 1, 9, { clientId: one }), cancel(one, 'alice')]),
    [buy('x', 'alice', 1, 9, { clientId: 'a' }), buy('y', 'alice', 1, 9, { clientId: 'b' })],
    ['accepted x 1@9', 'repeated b'],
  ],
  [
    'cancels and amends may name it',
    [buy('x', 'alice', 2, 9, { clientId: 'c' })],
    [
      { ...amend('', 'alice', { quantity: 1 }), order: 0, clientId: 'c' },
      { ...cancel('', 'alice'), order: 0, clientId: 'c' },
      { ...cancel('', 'alice'), order: 0, clientId: 'c' },
    ],
    ['amended x 1@9 kept', 'canceled x 1 requested', 'refused unknown_order'],
  ],
]

const own = [sell('o', 'alice', 5, 101), sell('s', 'bob', 5, 101)]
const taker = (selfTrade: 'cancel_newest' | 'cancel_oldest' | 'cancel_both' | 'decrement', quantity = 7) =>
  buy('x', 'alice', quantity, 101, { selfTrade })

const selfTrades: Row[] = [
  ['cancel newest', own, [taker('cancel_newest')], ['accepted x 7@101', 'canceled x 7 self_trade']],
  [
    'cancel oldest, and go on',
    own,
    [taker('cancel_oldest')],
    ['accepted x 7@101', 'canceled o 5 self_trade', 'traded s x 5@101'],
  ],
  [
    'cancel both',
    own,
    [taker('cancel_both')],
    ['accepted x 7@101', 'canceled o 5 self_trade', 'canceled x 7 self_trade'],
  ],
  [
    'decrement a larger taker',
    own,
    [taker('decrement')],
    ['accepted x 7@101', 'canceled o 5 self_trade', 'amended x 2@101 kept', 'traded s x 2@101'],
  ],
  [
    'decrement a smaller taker',
    own,
    [taker('decrement', 2)],
    ['accepted x 2@101', 'amended o 3@101 kept', 'canceled x 2 self_trade'],
  ],
  [
    'decrement equals',
    own,
    [taker('decrement', 5)],
    ['accepted x 5@101', 'canceled o 5 self_trade', 'canceled x 5 self_trade'],
  ],
  [
    'fill-or-kill counts only others’ orders',
    own,
    [buy('x', 'alice', 6, 101, { ...fok, selfTrade: 'cancel_oldest' })],
    ['refused not_fillable'],
  ],
  [
    'and nothing behind an own order that would end it',
    own,
    [buy('x', 'alice', 5, 101, fok), buy('y', 'alice', 5, 101, { ...fok, selfTrade: 'cancel_oldest' })],
    ['refused not_fillable', 'accepted y 5@101', 'canceled o 5 self_trade', 'traded s y 5@101'],
  ],
]

describe.each(ENGINES)('the $name engine', maker => {
  const given = givenOf(maker)
  describe.each([
    ['orders', orders],
    ['ends', ends],
    ['amends', amends],
    ['client ids', clientIds],
    ['self-trade prevention', selfTrades],
  ])('%s', (_, rows) => {
    test.each(rows)('%s', (_rule, before, when, then) => {
      expect(given(...before).when(...when).reports).toEqual(then)
    })
  })

  test('an iceberg shows a slice, and the next one joins the end of the queue', () => {
    const { reports, shown } = given(sell('i', 'bob', 8, 101, iceberg), sell('s', 'bob', 4, 101)).when(
      buy('x', 'alice', 2, 101),
      buy('y', 'alice', 3, 101),
      buy('z', 'alice', 8, 101),
    )
    const traded = reports.filter(line => line.startsWith('traded'))
    expect(traded).toEqual(['i x 2', 'i y 1', 's y 2', 's z 2', 'i z 3', 'i z 2'].map(one => `traded ${one}@101`))
    expect(shown).toEqual(['i 1', 'i 3 new', 's 2', 's 0', 'i 2 new', 'i 0', 'z 1 new'].map(shownAt))
  })

  test('levels are what is shown', () => {
    const { engine } = given(...ladder, sell('i', 'bob', 8, 101, iceberg)).when(sell('x', 'alice', 1, 99))
    expect(engine.levels(0, 10)).toEqual({
      bids: [[99, 3]],
      asks: [
        [101, 15],
        [102, 9],
      ],
    })
    expect(engine.levels(0, 1).asks).toEqual([[101, 15]])
  })

  test('as many orders rest or wait as there may be', () => {
    const many = Array.from({ length: LIMITS.ordersMax }, (_, i) => buy(`o${i}`, 'alice', 1, 9))
    const { reports } = given(...many).when(buy('x', 'bob', 1, 9), sell('y', 'bob', 1, 9, ioc))
    expect(reports).toEqual(['refused orders_max', 'accepted y 1@9', 'traded o0 y 1@9'])
  })

  test('a command out of turn or before its time is a bug', () => {
    const { engine } = given().when(tick(10))
    const sink = {} as Parameters<typeof engine.apply>[1]
    expect(() => engine.apply({ kind: 'tick', sequence: engine.sequence + 2, at: 20 }, sink)).toThrow('after')
    expect(() => engine.apply({ kind: 'tick', sequence: engine.sequence + 1, at: 1 }, sink)).toThrow('before')
  })
})

const shownAt = (one: string) => one.replace(/ (\d+)/, ' $1@101')
