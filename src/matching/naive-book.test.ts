import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Level } from '../kernel/index.ts'
import { type BookOutcome, createBook, type NewBookOrder, type OrderBook, restoreBook } from './index.ts'

type Row = [id: string, side: 'buy' | 'sell', price: number, quantity: number]

const limit = (
  [id, side, price, quantity]: Row,
  more: Partial<Pick<NewBookOrder, 'timeInForce' | 'postOnly'>> = {},
): NewBookOrder => ({ id, owner: 'somebody', side, type: 'limit', timeInForce: 'gtc', price, quantity, ...more })

const market = (
  id: string,
  side: 'buy' | 'sell',
  quantity: number,
  timeInForce: 'gtc' | 'fok' = 'gtc',
): NewBookOrder => ({
  id,
  owner: 'somebody',
  side,
  type: 'market',
  timeInForce,
  quantity,
})

const given = (...rows: Row[]): OrderBook => {
  const book = createBook()
  for (const row of rows) book.submit(limit(row))
  return book
}

/** Outcomes in short: `A id`, `T maker@price x quantity`, `C id x quantity reason`, `M id@price x quantity`, `R reason`. */
const shortOf = (outcome: BookOutcome): string => {
  switch (outcome.type) {
    case 'accepted':
      return `A ${outcome.id}`
    case 'traded':
      return `T ${outcome.maker}@${outcome.price}x${outcome.quantity}`
    case 'canceled':
      return `C ${outcome.id}x${outcome.quantity} ${outcome.reason}`
    case 'amended':
      return `M ${outcome.id}@${outcome.price}x${outcome.quantity}${outcome.keptPriority ? ' kept' : ''}`
    case 'rejected':
      return `R ${outcome.reason}`
  }
}
const short = (outcomes: readonly BookOutcome[]): string[] => outcomes.map(shortOf)

const ladder: Row[] = [
  ['s1', 'sell', 101, 5],
  ['s2', 'sell', 101, 7],
  ['s3', 'sell', 102, 9],
  ['b1', 'buy', 99, 4],
]

describe('given a ladder, when an order comes', () => {
  const table: [name: string, order: NewBookOrder, then: string[], bids: Level[], asks: Level[]][] = [
    [
      'a limit order below the best ask rests',
      limit(['x', 'buy', 100, 3]),
      ['A x'],
      [
        [100, 3],
        [99, 4],
      ],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'a limit order trades first come, first served, at the maker’s price',
      limit(['x', 'buy', 105, 8]),
      ['A x', 'T s1@101x5', 'T s2@101x3'],
      [[99, 4]],
      [
        [101, 4],
        [102, 9],
      ],
    ],
    [
      'the rest of a limit order rests',
      limit(['x', 'buy', 101, 20]),
      ['A x', 'T s1@101x5', 'T s2@101x7'],
      [
        [101, 8],
        [99, 4],
      ],
      [[102, 9]],
    ],
    [
      'the rest of an immediate-or-cancel order goes',
      limit(['x', 'buy', 101, 20], { timeInForce: 'ioc' }),
      ['A x', 'T s1@101x5', 'T s2@101x7', 'C xx8 immediate_or_cancel'],
      [[99, 4]],
      [[102, 9]],
    ],
    [
      'fill-or-kill that cannot be filled does nothing',
      limit(['x', 'buy', 101, 13], { timeInForce: 'fok' }),
      ['R not_fillable'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'fill-or-kill that can be filled is filled',
      limit(['x', 'buy', 101, 12], { timeInForce: 'fok' }),
      ['A x', 'T s1@101x5', 'T s2@101x7'],
      [[99, 4]],
      [[102, 9]],
    ],
    [
      'post-only that would trade is rejected',
      limit(['x', 'buy', 101, 1], { postOnly: true }),
      ['R would_cross'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'post-only beside the spread rests',
      limit(['x', 'buy', 100, 1], { postOnly: true }),
      ['A x'],
      [
        [100, 1],
        [99, 4],
      ],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'a market order sweeps, and its rest goes',
      market('x', 'buy', 30),
      ['A x', 'T s1@101x5', 'T s2@101x7', 'T s3@102x9', 'C xx9 no_liquidity'],
      [[99, 4]],
      [],
    ],
    [
      'a market order to be filled whole or not at all',
      market('x', 'sell', 5, 'fok'),
      ['R not_fillable'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'an id that rests already is rejected',
      limit(['b1', 'buy', 98, 1]),
      ['R duplicate_id'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'a quantity of zero is rejected',
      limit(['x', 'buy', 98, 0]),
      ['R invalid'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
    [
      'a price that is no whole tick is rejected',
      limit(['x', 'buy', 98.5, 1]),
      ['R invalid'],
      [[99, 4]],
      [
        [101, 12],
        [102, 9],
      ],
    ],
  ]
  test.each(table)('%s', (_, order, then, bids, asks) => {
    const book = given(...ladder)
    expect(short(book.submit(order))).toEqual(then)
    expect(book.levels(10)).toEqual({ bids, asks })
  })
})

describe('given a ladder, when an order is changed', () => {
  const table: [name: string, change: (book: OrderBook) => BookOutcome[], then: string[], next: string][] = [
    ['less quantity keeps priority', book => book.amend('s1', { quantity: 2 }), ['M s1@101x2 kept'], 's1'],
    ['more quantity loses it', book => book.amend('s1', { quantity: 6 }), ['M s1@101x6'], 's2'],
    ['another price loses it', book => book.amend('s1', { price: 102 }), ['M s1@102x5'], 's2'],
    ['a price through the book trades', book => book.amend('s1', { price: 99 }), ['M s1@99x5', 'T b1@99x4'], 's1'],
    ['an unknown order cannot be amended', book => book.amend('no', { quantity: 1 }), ['R unknown_order'], 's1'],
    ['no quantity below one', book => book.amend('s1', { quantity: 0 }), ['R invalid'], 's1'],
    ['cancel gives back what is open', book => book.cancel('s1'), ['C s1x5 requested'], 's2'],
    ['an unknown order cannot be canceled', book => book.cancel('no'), ['R unknown_order'], 's1'],
  ]
  test.each(table)('%s', (_, change, then, next) => {
    const book = given(...ladder)
    expect(short(change(book))).toEqual(then)
    expect(book.orders('sell')[0]!.id).toBe(next)
  })

  test('a post-only order that would cross stays as it was', () => {
    const book = given(...ladder)
    book.submit(limit(['p', 'buy', 100, 3], { postOnly: true }))
    expect(short(book.amend('p', { price: 101 }))).toEqual(['R would_cross'])
    expect(book.order('p')).toMatchObject({ price: 100, quantity: 3 })
  })

  test('quantity ahead counts what came earlier at the price, and shrinks as it trades', () => {
    const book = given(...ladder)
    expect(book.quantityAhead('s2')).toBe(5)
    book.submit(market('x', 'buy', 3))
    expect(book.quantityAhead('s2')).toBe(2)
    book.submit(market('y', 'buy', 2))
    expect(book.quantityAhead('s2')).toBe(0)
    expect(book.quantityAhead('s1')).toBeUndefined()
  })
})

test('a full book rejects what would rest and takes what would not', () => {
  const book = createBook({ openOrdersMax: 2 })
  book.submit(limit(['a', 'buy', 99, 1]))
  book.submit(limit(['b', 'buy', 98, 1]))
  expect(short(book.submit(limit(['c', 'buy', 97, 1])))).toEqual(['R book_full'])
  expect(short(book.submit(limit(['d', 'sell', 99, 1], { timeInForce: 'ioc' })))).toEqual(['A d', 'T a@99x1'])
})

type Command =
  | { do: 'submit'; order: NewBookOrder<number> }
  | { do: 'cancel'; id: number }
  | { do: 'amend'; id: number; price?: number; quantity?: number }

const side = fc.constantFrom('buy' as const, 'sell' as const)
const price = fc.integer({ min: 90, max: 110 })
const quantity = fc.integer({ min: 1, max: 20 })
const commands = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          side,
          price,
          quantity,
          force: fc.constantFrom('gtc', 'gtc', 'ioc', 'fok'),
          post: fc.boolean(),
          market: fc.nat(5),
        }),
      },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat(60) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          amend: fc.nat(60),
          price: fc.option(price, { nil: undefined }),
          quantity: fc.option(quantity, { nil: undefined }),
        }),
      },
    ),
    { maxLength: 80 },
  )
  .map(list =>
    list.map((one, id): Command => {
      if ('cancel' in one) return { do: 'cancel', id: one.cancel }
      if ('amend' in one) return { do: 'amend', id: one.amend, price: one.price, quantity: one.quantity }
      const type = one.market === 0 ? 'market' : 'limit'
      const timeInForce = one.force as 'gtc' | 'ioc' | 'fok'
      return {
        do: 'submit',
        order: {
          id,
          owner: `o${id % 3}`,
          side: one.side,
          type,
          timeInForce,
          postOnly: one.post && type === 'limit',
          price: one.price,
          quantity: one.quantity,
        },
      }
    }),
  )

const carryOut = (book: OrderBook<number>, command: Command): BookOutcome<number>[] => {
  if (command.do === 'submit') return book.submit(command.order)
  return command.do === 'cancel' ? book.cancel(command.id) : book.amend(command.id, command)
}

const openQuantity = (book: OrderBook<number>, which: 'buy' | 'sell') =>
  book.orders(which).reduce((sum, order) => sum + order.quantity, 0)

describe('whatever comes', () => {
  test('the book is never crossed and always in price-time order', () => {
    fc.assert(
      fc.property(commands, list => {
        const book = createBook<number>()
        for (const command of list) {
          carryOut(book, command)
          const [bid, ask] = [book.best('buy'), book.best('sell')]
          if (bid !== undefined && ask !== undefined) expect(bid).toBeLessThan(ask)
          for (const which of ['buy', 'sell'] as const) {
            const orders = book.orders(which)
            for (let i = 1; i < orders.length; i++) {
              const [a, b] = [orders[i - 1]!, orders[i]!]
              const better = which === 'buy' ? a.price > b.price : a.price < b.price
              expect(better || (a.price === b.price && a.arrival < b.arrival)).toBe(true)
            }
          }
        }
      }),
    )
  })

  test('no lot is made or lost: what was sent is filled, canceled or open', () => {
    fc.assert(
      fc.property(commands, list => {
        const book = createBook<number>()
        let expected = 0
        for (const command of list) {
          const before = command.do === 'amend' ? book.order(command.id)?.quantity : undefined
          const outcomes = carryOut(book, command)
          for (const outcome of outcomes) {
            if (outcome.type === 'accepted' && command.do === 'submit') expected += command.order.quantity
            if (outcome.type === 'traded') expected -= 2 * outcome.quantity
            if (outcome.type === 'canceled') expected -= outcome.quantity
            if (outcome.type === 'amended') expected += outcome.quantity - before!
          }
          expect(openQuantity(book, 'buy') + openQuantity(book, 'sell')).toBe(expected)
        }
      }),
    )
  })

  test('nobody trades at a worse price than their limit, and never past a better order', () => {
    fc.assert(
      fc.property(commands, list => {
        const book = createBook<number>()
        for (const command of list) {
          if (command.do !== 'submit') {
            carryOut(book, command)
            continue
          }
          const { order } = command
          const queue = book.orders(order.side === 'buy' ? 'sell' : 'buy').map(resting => resting.id)
          const trades = carryOut(book, command).filter(outcome => outcome.type === 'traded')
          expect(trades.map(trade => trade.maker)).toEqual(queue.slice(0, trades.length))
          for (const trade of trades)
            if (order.type === 'limit')
              expect(order.side === 'buy' ? trade.price <= order.price! : trade.price >= order.price!).toBe(true)
        }
      }),
    )
  })

  test('the same commands give the same outcomes, also across a snapshot in the middle', () => {
    fc.assert(
      fc.property(commands, fc.nat(80), (list, cut) => {
        const one = createBook<number>()
        let other = createBook<number>()
        list.forEach((command, i) => {
          if (i === cut) other = restoreBook<number>(JSON.parse(JSON.stringify(other.snapshot())))
          expect(carryOut(other, command)).toEqual(carryOut(one, command))
        })
        expect(other.snapshot()).toEqual(one.snapshot())
      }),
    )
  })
})

test('a state that is crossed or out of order is not restored', () => {
  const state = given(...ladder).snapshot()
  expect(() => restoreBook({ ...state, asks: [...state.asks].reverse() })).toThrow('priority')
  const crossed = { ...state.bids[0]!, price: 105 }
  expect(() => restoreBook({ ...state, bids: [crossed] })).toThrow('crossed')
})
