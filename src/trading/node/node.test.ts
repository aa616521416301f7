import { describe, expect, test } from 'vitest'
import { decodeJson, type OrderId, type Refusal } from '../../kernel/index.ts'
import {
  type ABC,
  book,
  candle,
  eventsOf,
  FREE,
  flat,
  inShort,
  MINUTE,
  NOON,
  runId,
  setupOf,
  strategyOf,
  trade,
} from '../fake.ts'
import { at, bid, buy, orderId, placing } from './fake.ts'
import { TradingNode } from './node.ts'
import { OPEN_ORDERS_PER_RUN_MAX, type RunSnapshot } from './run.ts'

describe('what a strategy is served', () => {
  test('a candle only once it is closed, by a later trade or by time', () => {
    const seen: number[] = []
    const strategy = strategyOf('watching', {
      onCandle: (one, context) => {
        expect(context.now).toBeGreaterThanOrEqual(one.openAt + MINUTE)
        seen.push(one.close)
      },
    })
    const { feed } = at(strategy)
    feed(trade(NOON, 100), trade(NOON + MINUTE - 1, 101))
    expect(seen).toEqual([])
    feed(trade(NOON + MINUTE, 102))
    expect(seen).toEqual([101])
    feed(book(NOON + 2 * MINUTE - 1, [[99, 1]], [[103, 1]]))
    expect(seen).toEqual([101])
    feed(book(NOON + 2 * MINUTE, [[99, 1]], [[103, 1]]))
    expect(seen).toEqual([101, 102])
  })

  test('the context shows what is known now and nothing later', () => {
    const shown: unknown[] = []
    const strategy = strategyOf(
      'watching',
      {
        onCandle: (_, context) =>
          shown.push([context.history(9).map(one => one.close), context.lastPrice, context.isWarm]),
      },
      { warmup: () => 2 },
    )
    at(strategy).feed(flat(0, 100), flat(1, 110), flat(2, 120))
    expect(shown).toEqual([
      [[100], 100, false],
      [[100, 110], 110, true],
      [[110, 120], 120, true],
    ])
  })

  test('position, cash and equity follow the fills', () => {
    const shown: number[][] = []
    const strategy = strategyOf('holding', {
      onCandle(_, context) {
        shown.push([context.position, context.cash, context.equity])
        if (shown.length === 1) context.place(buy)
      },
    })
    at(strategy).feed(flat(0, 100), flat(1, 100), flat(2, 130))
    expect(shown).toEqual([
      [0, 100_000, 100_000],
      [10, 99_000, 100_000],
      [10, 99_000, 100_300],
    ])
  })

  test('its random numbers are its seed’s', () => {
    const drawn = (seed: string) => {
      const numbers: number[] = []
      const strategy = strategyOf('drawing', { onCandle: (_, context) => numbers.push(context.random.next()) })
      at(strategy, { seed }).feed(flat(0, 100), flat(1, 100))
      return numbers
    }
    expect(drawn('a')).toEqual(drawn('a'))
    expect(drawn('a')).not.toEqual(drawn('b'))
  })
})

describe('orders of a strategy', () => {
  test('are sent when risk passes them, and are told of their fills', () => {
    const fills: unknown[] = []
    const strategy = strategyOf('buying', {
      onCandle: (_, context) => context.openOrders.length === 0 && context.position === 0 && void context.place(buy),
      onFill: fill => fills.push([fill.price, fill.quantity, fill.side]),
    })
    const { feed, run } = at(strategy)
    expect(inShort(feed(flat(0, 100)))).toEqual(['order.initialized #1', 'order.submitted #1'])
    expect(inShort(feed(flat(1, 101)))).toEqual(['order.accepted #1', 'order.filled #1'])
    expect(fills).toEqual([[101, 10, 'buy']])
    expect(run().holding).toEqual({ quantity: 10, cost: 1_010n, realised: 0n, fees: 0n })
  })

  test('that risk denies are kept as initialized and denied, with the limit and the number', () => {
    const { strategy, answers } = placing({ ...buy, type: 'limit', price: 200 })
    const effects = at(strategy).feed(flat(0, 100))
    expect(inShort(effects)).toEqual(['order.initialized #1', 'order.denied #1'])
    const details = { price: 200, last: 100, distanceBps: 10_000, collarBps: 500 }
    expect(eventsOf(effects)[1]).toMatchObject({ code: 'risk.price_collar', details })
    expect(answers).toEqual([{ refused: 'risk.price_collar', details }])
  })

  test('of nothing are refused and leave no trace', () => {
    const { strategy, answers } = placing({ ...buy, quantity: 0 })
    expect(at(strategy).feed(flat(0, 100))).toEqual([])
    expect(answers).toEqual([{ refused: 'risk.quantity_too_small', details: { quantity: 0, quantityMin: 1 } }])
  })

  test.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    'of %d lots end the strategy, and nothing that cannot be stored is kept',
    quantity => {
      const { feed, run } = at(placing({ ...buy, quantity }).strategy)
      expect(inShort(feed(flat(0, 100)))).toEqual(['run failed'])
      expect(run().error).toContain(`not ${quantity}`)
    },
  )

  test('carry a reason that can be stored', () => {
    const reason = `\0half \ud83d ${'x'.repeat(600)}`
    const [event] = eventsOf(at(placing({ ...buy, reason }).strategy).feed(flat(0, 100)))
    expect(event).toMatchObject({ reason: `\ufffdhalf \ufffd ${'x'.repeat(492)}` })
  })

  test(`at most ${OPEN_ORDERS_PER_RUN_MAX} are open at once`, () => {
    // Twenty in ten seconds are allowed, so it takes as many candles as there are twenties.
    const answers: (OrderId | Refusal)[] = []
    const strategy = strategyOf('many', {
      onCandle(_, context) {
        for (let i = 0; i < 20; i++) answers.push(context.place({ ...bid, price: 96, quantity: 1 }))
      },
    })
    const { feed, run } = at(strategy)
    for (let i = 0; i <= OPEN_ORDERS_PER_RUN_MAX / 20; i++) feed(flat(i, 100))
    expect(run().openOrderCount).toBe(OPEN_ORDERS_PER_RUN_MAX)
    expect(answers.filter(one => typeof one !== 'string')).toEqual(
      Array.from({ length: 20 }, () => ({ refused: 'risk.open_orders', details: { openOrdersMax: 200 } })),
    )
  })

  test('are canceled on request; what is not open cannot be', () => {
    const canceled: boolean[] = []
    const strategy = strategyOf('canceling', {
      onCandle(_, context) {
        const [open] = context.openOrders
        if (open === undefined) context.place(bid)
        else
          canceled.push(
            context.cancel(open.request.id),
            context.cancel(open.request.id),
            context.cancel('x' as OrderId),
          )
      },
    })
    const { feed } = at(strategy)
    feed(flat(0, 100))
    expect(inShort(feed(flat(1, 100)))).toEqual(['order.accepted #1', 'order.cancel_requested #1'])
    expect(canceled).toEqual([true, false, false])
    expect(inShort(feed(flat(2, 100)))).toContain('order.canceled #1')
  })

  test('are canceled by hand through the node; an order that is not open is named', () => {
    const { feed, command, setup } = at(placing(bid).strategy)
    feed(flat(0, 100), flat(1, 100))
    expect(inShort(command({ type: 'cancel_order', run: setup.id, order: orderId(1) }))).toEqual([
      'order.cancel_requested #1',
    ])
    expect(() => command({ type: 'cancel_order', run: setup.id, order: orderId(7) })).toThrow('no such order')
    expect(() => command({ type: 'cancel_order', run: runId(9), order: orderId(1) })).toThrow('no such run')
  })
})

describe('timers', () => {
  test('fire at the first input at or after their time, once; a second of the same name replaces the first', () => {
    const fired: unknown[] = []
    const strategy = strategyOf('timing', {
      onCandle(one, context) {
        if (one.openAt !== NOON) return
        context.setTimer('a', context.now + 10)
        context.setTimer('b', context.now + 20)
        context.setTimer('a', context.now + 30)
      },
      onTimer: (name, context) => fired.push([name, context.now - NOON - MINUTE]),
    })
    const { feed, node } = at(strategy)
    expect(inShort(feed(flat(0, 100)))).toEqual(['timer', 'timer', 'timer'])
    const time = (after: number) => node.handle({ kind: 'timer', at: NOON + MINUTE + after })
    time(19)
    expect(fired).toEqual([])
    time(25)
    feed(trade(NOON + MINUTE + 40, 100))
    time(50)
    expect(fired).toEqual([
      ['b', 25],
      ['a', 40],
    ])
  })
})

describe('a strategy that throws', () => {
  test('has failed: its orders are canceled, its position stays, and the others go on', () => {
    const failing = strategyOf('failing', {
      onCandle(one, context) {
        if (one.openAt === NOON) for (const wish of [buy, bid]) context.place(wish)
        else throw new Error('broken \ud83d')
      },
    })
    let others = 0
    const fine = strategyOf('fine', { onCandle: () => void others++ })
    const node = new TradingNode({ strategies: name => [failing, fine].find(one => one.name === name) })
    const start = (id: number, strategy: string) =>
      node.handle({
        kind: 'command',
        at: NOON,
        data: { type: 'start_run', setup: setupOf(strategy, { id: runId(id) }) },
      })
    start(1, 'failing')
    start(2, 'fine')
    node.handle(flat(0, 100))
    expect(inShort(node.handle(flat(1, 100)))).toEqual([
      'order.accepted #1',
      'order.filled #1',
      'order.accepted #2',
      'order.cancel_requested #2',
      'order.canceled #2',
      'run failed',
    ])
    const run = node.runs.get(runId(1))!
    expect([run.status, run.error, run.holding.quantity]).toEqual(['failed', 'broken \ufffd', 10])
    expect(node.handle(flat(2, 100))).toEqual([])
    expect(others).toBe(3)
  })
})

test('a run restored while a cancel races with a fill says what the uninterrupted one says', () => {
  const make = () =>
    strategyOf('racing', {
      onTrade(one, context) {
        if (one.at === NOON) context.place({ ...bid, price: 100 })
        if (one.at === NOON + 2_000) for (const { request } of context.openOrders) context.cancel(request.id)
      },
    })
  const inputs = [
    book(NOON - 1, [[99, 5]], [[102, 5]]),
    trade(NOON, 100),
    trade(NOON + 1_500, 101),
    trade(NOON + 2_000, 101),
    trade(NOON + 2_500, 100, 10, 'sell'), // fills the order while the cancel is on its way
    trade(NOON + 3_500, 101),
  ]
  const paper = { ...FREE, latency: 1_000 }
  const play = (restartBefore: number): string[] => {
    const strategy = make()
    let node = new TradingNode({ strategies: () => strategy })
    const setup = setupOf('racing', { paper })
    node.handle({ kind: 'command', at: NOON - 1, data: { type: 'start_run', setup } })
    return inputs.flatMap((input, i) => {
      if (i === restartBefore) {
        const resume = node.runs.get(setup.id)!.snapshotText()
        expect(decodeJson<RunSnapshot>(resume).setup).toEqual(setup)
        node = new TradingNode({ strategies: () => strategy })
        node.handle({ kind: 'command', at: 0, data: { type: 'start_run', setup, resume } })
      }
      return inShort(node.handle(input))
    })
  }
  const whole = play(-1)
  expect(whole).toEqual([
    ...['order.initialized #1', 'order.submitted #1', 'order.accepted #1'],
    ...['order.cancel_requested #1', 'order.filled #1'],
  ])
  for (let i = 0; i < inputs.length; i++) expect(play(i)).toEqual(whole)
})

test('inputs of other instruments reach no run', () => {
  const { feed, run } = at(placing(buy).strategy)
  const other = { ...candle(0, 1, 1, 1, 1), instrument: 'paper:XYZ/USD' as typeof ABC.id }
  expect(feed(other)).toEqual([])
  expect(run().marketInputs).toBe(0)
})
