import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { OrderId, Refusal } from '../../kernel/index.ts'
import { type AnyContext, flat, inShort, MINUTE, NOON, runId, setupOf, strategyOf } from '../fake.ts'
import { at, bid, buy, orderId, placing } from './fake.ts'
import type { RunSetup } from './input.ts'
import { RUNS_MAX, TradingNode } from './node.ts'
import type { NewOrder } from './strategy.ts'

describe('an outside venue', () => {
  const outside = (...wishes: readonly NewOrder[]) => at(placing(...wishes).strategy, { paper: null })

  test('is sent an order after its intent is persisted, and reports settle it', () => {
    const { feed, report, run } = outside(buy)
    expect(inShort(feed(flat(0, 100)))).toEqual(['order.initialized #1', 'order.submitted #1', 'send #1'])
    const order = orderId(1)
    const time = NOON + MINUTE
    expect(inShort(report({ type: 'accepted', order, venueOrderId: 'V', at: time }))).toEqual(['order.accepted #1'])
    const fill = { id: 'f', price: 100, quantity: 10, liquidity: 'taker' as const, fee: 2n }
    expect(inShort(report({ type: 'filled', order, fill, at: time }))).toEqual(['order.filled #1'])
    expect(report({ type: 'filled', order, fill, at: time })).toEqual([])
    expect(run().holding).toEqual({ quantity: 10, cost: 1_000n, realised: 0n, fees: 2n })
    expect(run().fills).toBe(1)
  })

  test('without an answer leaves an unknown order: it holds its money, is not sent again, and a report settles it', () => {
    const { feed, unresolved, report, run, command } = outside({ ...buy, quantity: 990 })
    feed(flat(0, 100))
    expect(inShort(unresolved(orderId(1)))).toEqual(['order.unresolved #1'])
    expect(unresolved(orderId(1))).toEqual([])
    expect(feed(flat(1, 100))).toEqual([])
    expect(run().openOrders.map(order => order.state)).toEqual(['unknown'])
    // 990 × 100 of 100,000 are held: another 20 × 100 is too much. Risk sees it through a strategy that asks.
    expect(inShort(command({ type: 'cancel_order', run: runId(1), order: orderId(1) }))).toEqual([
      'order.cancel_requested #1',
      'cancel #1',
    ])
    expect(inShort(report({ type: 'canceled', order: orderId(1), reason: 'requested', at: NOON }))).toEqual([
      'order.canceled #1',
    ])
    expect(run().openOrderCount).toBe(0)
  })

  test('an unknown order’s money stays held', () => {
    let asked: OrderId | Refusal | null = null
    const strategy = strategyOf('asking', {
      onCandle(one, context) {
        asked = context.place({ ...buy, quantity: one.openAt === NOON ? 990 : 20 })
      },
    })
    const { feed, unresolved } = at(strategy, { paper: null })
    feed(flat(0, 100))
    unresolved(orderId(1))
    feed(flat(1, 100))
    expect(asked).toMatchObject({ refused: 'risk.insufficient_funds', details: { needed: '101000', cash: '100000' } })
  })

  test('a fill after the cancel is booked', () => {
    const { feed, report, run } = outside(buy)
    feed(flat(0, 100))
    const order = orderId(1)
    report({ type: 'canceled', order, reason: 'requested', at: NOON })
    const fill = { id: 'f', price: 100, quantity: 4, liquidity: 'taker' as const, fee: 0n }
    expect(inShort(report({ type: 'filled', order, fill, at: NOON }))).toEqual(['order.partially_filled #1'])
    expect(run().holding.quantity).toBe(4)
  })

  test('a report that contradicts is told and changes nothing', () => {
    const { feed, report, run } = outside(buy)
    feed(flat(0, 100))
    const fill = { id: 'f', price: 100, quantity: 11, liquidity: 'taker' as const, fee: 0n }
    expect(inShort(report({ type: 'filled', order: orderId(1), fill, at: NOON }))).toEqual([
      'contradiction order.overfilled',
    ])
    expect(inShort(report({ type: 'filled', order: orderId(8), fill, at: NOON }))).toEqual([
      'contradiction order.unknown',
    ])
    expect(run().holding.quantity).toBe(0)
  })

  test('a stopped run asks for its orders to be canceled, and starts again only once they are gone', () => {
    const { feed, command, setup, report } = outside(bid)
    feed(flat(0, 100))
    expect(inShort(command({ type: 'stop_run', run: setup.id }))).toEqual([
      'order.cancel_requested #1',
      'cancel #1',
      'run stopped',
    ])
    expect(() => command({ type: 'start_run', setup })).toThrow('no order open')
    report({ type: 'canceled', order: orderId(1), reason: 'requested', at: NOON })
    expect(inShort(command({ type: 'start_run', setup }))).toEqual(['run started'])
  })
})

describe('the kill switch', () => {
  test('cancels every open order of every run, lets none be placed, and the runs go on watching', () => {
    const answers: (OrderId | Refusal)[] = []
    let candles = 0
    const strategy = strategyOf('placing', {
      onCandle(_, context) {
        candles += 1
        answers.push(context.place(bid))
      },
    })
    const node = new TradingNode({ strategies: () => strategy })
    for (const n of [1, 2])
      node.handle({
        kind: 'command',
        at: NOON,
        data: { type: 'start_run', setup: setupOf('placing', { id: runId(n) }) },
      })
    node.handle(flat(0, 100))
    const kill = node.handle({ kind: 'command', at: NOON + 2 * MINUTE, data: { type: 'kill' } })
    expect(inShort(kill)).toEqual([
      'order.cancel_requested #1',
      'order.canceled #1',
      'order.cancel_requested #1',
      'order.canceled #1',
    ])
    expect(node.isKilled).toBe(true)
    node.handle(flat(2, 100))
    expect(candles).toBe(4)
    expect(answers.slice(2)).toEqual([refusedByKill, refusedByKill])
    expect([...node.runs.values()].map(run => [run.status, run.openOrderCount])).toEqual([
      ['running', 0],
      ['running', 0],
    ])
    node.handle({ kind: 'command', at: NOON + 4 * MINUTE, data: { type: 'lift' } })
    node.handle(flat(4, 100))
    expect(answers.slice(4).some(one => typeof one !== 'string')).toBe(false)
  })
  const refusedByKill = { refused: 'risk.kill_switch', details: {} }

  test('an outside venue is asked again for cancels that are pending already', () => {
    const { feed, command } = at(placing(bid).strategy, { paper: null })
    feed(flat(0, 100))
    expect(inShort(command({ type: 'kill' }))).toEqual(['order.cancel_requested #1', 'cancel #1'])
    expect(inShort(command({ type: 'kill' }))).toEqual(['cancel #1'])
  })

  test('holds for a run that starts while it is on', () => {
    const { strategy, answers } = placing(buy)
    const node = new TradingNode({ strategies: () => strategy, killed: true })
    node.handle({ kind: 'command', at: NOON, data: { type: 'start_run', setup: setupOf('placing') } })
    expect(node.handle(flat(0, 100))).toEqual([])
    expect(answers).toEqual([refusedByKill])
  })
})

describe('the life of a run', () => {
  test('stopped and started again it holds what it held and counts on', () => {
    let isDone = false
    const strategy = strategyOf('once', {
      onCandle(_, context: AnyContext) {
        if (!isDone) context.place(buy)
        isDone = true
      },
    })
    const { feed, command, run, setup } = at(strategy)
    feed(flat(0, 100), flat(1, 100))
    expect(inShort(command({ type: 'stop_run', run: setup.id }))).toEqual(['run stopped'])
    expect(command({ type: 'stop_run', run: setup.id })).toEqual([])
    expect(feed(flat(2, 100))).toEqual([])
    isDone = false
    expect(inShort(command({ type: 'start_run', setup }))).toEqual(['run started'])
    expect(run().holding.quantity).toBe(10)
    feed(flat(3, 100))
    expect(inShort(feed(flat(4, 120)))).toEqual(['order.accepted #2', 'order.filled #2'])
    expect([run().holding.quantity, run().fills, run().sequence]).toEqual([20, 2, 3])
  })

  test('a run that runs is not started over: its orders would be forgotten', () => {
    const { feed, command, setup, run } = at(placing(bid).strategy)
    feed(flat(0, 100))
    expect(() => command({ type: 'start_run', setup })).toThrow('has ended')
    expect(run().openOrderCount).toBe(1)
  })

  test('parameters change only when it has ended, and only to ones the strategy takes', () => {
    const strategy = strategyOf('tuned', {}, { parameters: z.strictObject({ n: z.int().max(9).default(3) }) })
    const { command, run, setup } = at(strategy)
    const configure = (parameters: Record<string, unknown>) =>
      command({ type: 'configure_run', run: setup.id, parameters })
    expect(() => configure({ n: 4 })).toThrow('has ended')
    command({ type: 'stop_run', run: setup.id })
    expect(() => configure({ n: 10 })).toThrow('parameters.n')
    expect(inShort(configure({ n: 4 }))).toEqual(['run configured'])
    expect([run().setup.parameters, run().status]).toEqual([{ n: 4 }, 'stopped'])
  })

  test('what cannot be started is named', () => {
    const { command } = at(placing().strategy)
    const start = (changed: Partial<RunSetup>) => () =>
      command({ type: 'start_run', setup: setupOf('placing', { id: runId(2), ...changed }) })
    expect(start({ strategy: 'none' })).toThrow('strategy')
    expect(start({ parameters: { x: 1 } })).toThrow('parameters')
    expect(() => command({ type: 'stop_run', run: runId(9) })).toThrow('no such run')
  })

  test(`a node takes ${RUNS_MAX} runs and no more`, () => {
    const strategy = strategyOf('placing', {})
    const node = new TradingNode({ strategies: () => strategy })
    const start = (n: number) =>
      node.handle({
        kind: 'command',
        at: NOON,
        data: { type: 'start_run', setup: setupOf('placing', { id: runId(n) }) },
      })
    for (let n = 1; n <= RUNS_MAX; n++) start(n)
    expect(() => start(RUNS_MAX + 1)).toThrow('as many runs as are allowed')
  })
})
