import { describe, expect, test } from 'vitest'
import { silentLog } from '../../platform/index.ts'
import { manualTime } from '../../platform/testing.ts'
import { flat, inShort, ManualJournal, MINUTE, NOON, runId, settled, setupOf, strategyOf, trade } from '../fake.ts'
import { memoryLatch } from '../kill-switch/latch.ts'
import { bidding, buy, open, orderId, started, stored } from './fake.ts'
import { PENDING_EFFECTS_MAX, Trader } from './trader.ts'

describe('committing', () => {
  test('an order’s intent is committed before it is sent', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    await settled()
    expect([w.journal.underWay.length, w.sent]).toEqual([1, []])
    await w.journal.succeed()
    expect(w.sent).toEqual([orderId(1)])
    expect(stored(w)).toEqual(['run started', 'order.initialized #1', 'order.submitted #1', 'send #1'])
  })

  test('what comes while a commit is under way gathers into the next', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100), flat(1, 100), flat(2, 100))
    await settled()
    expect(w.journal.underWay.map(batch => inShort(batch.effects).filter(line => line.startsWith('send')))).toEqual([
      ['send #1'],
    ])
    const first = await w.journal.succeed()
    expect(first.runs.map(run => run.openOrders)).toEqual([1])
    expect(w.journal.underWay.map(batch => inShort(batch.effects).filter(line => line.startsWith('send')))).toEqual([
      ['send #2', 'send #3'],
    ])
    await w.journal.succeed()
    expect(w.sent).toEqual([orderId(1), orderId(2), orderId(3)])
    expect(w.journal.underWay).toEqual([])
  })

  test('what is shown is what is durable', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    expect(w.trader.records.get(runId(1))!.openOrders).toBe(0)
    await w.journal.succeed()
    expect(w.trader.records.get(runId(1))!.openOrders).toBe(1)
    expect(w.shown.at(-1)).toEqual(['order.initialized #1', 'order.submitted #1', 'send #1'])
  })

  test('a cancel waits for no commit', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    await w.journal.drain()
    const asked = w.trader.cancelOrder(runId(1), orderId(1))
    expect(w.canceled).toEqual([orderId(1)])
    await w.journal.drain()
    await asked
  })

  test('a command that cannot be is refused at once, and nothing is committed', async () => {
    const w = await started(manualTime(NOON))
    await expect(w.trader.stopRun(runId(9))).rejects.toThrow('no such run')
    await expect(w.trader.cancelOrder(runId(1), orderId(9))).rejects.toThrow('no such order')
    expect(w.journal.underWay).toEqual([])
  })
})

describe('a failed commit', () => {
  test('ends the node: nothing is sent, whoever waits is told, and inputs are ignored', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    const waiting = w.trader.stopRun(runId(1))
    const told = expect(waiting).rejects.toThrow('the database is gone')
    await w.journal.fail()
    await told
    expect([w.trader.state, w.sent]).toEqual(['halted', []])
    w.feed(flat(1, 100))
    expect(w.journal.underWay).toEqual([])
    await expect(w.trader.startRun(setupOf('bidding', { id: runId(2) }))).rejects.toMatchObject({
      code: 'node.unavailable',
    })
  })

  test('is followed by a start from what is durable, tried again until the database answers', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    await w.journal.succeed()
    w.feed(flat(1, 100))
    w.journal.isDown = true
    await w.journal.fail()
    await w.time.advance(3_500)
    expect([w.trader.state, w.journal.loads]).toEqual(['halted', 4])
    w.journal.isDown = false
    await w.time.advance(1_000)
    expect(w.trader.state).toBe('running')
    // The second order was never durable: it was never sent, and its number is free again.
    expect(w.trader.runs.get(runId(1))!.openOrders.map(order => order.request.id)).toEqual([orderId(1)])
    // A node that has begun anew trades at a venue only once it is told that the market may be traded on.
    w.feed(flat(2, 100))
    await w.journal.drain()
    expect(w.sent).toEqual([orderId(1)])
    open(w)
    w.feed(flat(3, 100))
    await w.journal.drain()
    expect(w.sent).toEqual([orderId(1), orderId(3)])
  })

  test('a start that was under way when the trader was told to stop does not go on', async () => {
    const w = await started(manualTime(NOON))
    w.feed(flat(0, 100))
    await w.journal.fail()
    const waking = w.time.advance(1_000)
    const stopping = w.trader.stop()
    await Promise.all([waking, stopping])
    await settled()
    expect([w.trader.state, w.journal.underWay]).toEqual(['stopped', []])
  })

  test('more than may wait for a commit ends the node, which reads nothing before that commit has ended', async () => {
    const w = await started(
      manualTime(NOON),
      strategyOf('flooding', {
        onTrade(_, context) {
          for (let i = 0; i < 5_000; i++) context.place({ ...buy, type: 'limit', price: 500 })
        },
      }),
    )
    w.feed(trade(NOON + 1, 100))
    for (let i = 2; i < 10; i++) w.feed(trade(NOON + i, 100))
    expect(w.trader.state).toBe('halted')
    expect(PENDING_EFFECTS_MAX).toBeLessThan(9 * 5_000 * 2)
    await w.time.advance(5_000)
    expect([w.trader.state, w.journal.loads]).toEqual(['halted', 1])
    await w.journal.succeed()
    await w.time.advance(1_000)
    expect([w.trader.state, w.journal.loads]).toEqual(['running', 2])
    // It goes on after the orders that were stored, not over them.
    expect(w.trader.runs.get(runId(1))!.snapshot().ordersPlaced).toBe(5_000)
  })
})

describe('stopping and starting', () => {
  test('a stop commits what is pending and saves every run', async () => {
    const w = await started(manualTime(NOON))
    const before = w.journal.committed.length
    w.feed(flat(0, 100))
    const stopping = w.trader.stop()
    await w.journal.drain()
    await stopping
    expect([w.trader.state, w.journal.committed.length]).toEqual(['stopped', before + 2])
    expect(w.sent).toEqual([orderId(1)])
  })

  test('a start goes on from what was saved', async () => {
    const w = await started(manualTime(NOON), bidding(buy), 'paper')
    w.feed(flat(0, 100), flat(1, 100))
    const stopping = w.trader.stop()
    await w.journal.drain()
    await stopping
    await w.trader.start()
    await w.journal.drain()
    const run = w.trader.runs.get(runId(1))!
    expect([run.holding.quantity, run.openOrderCount, w.trader.records.get(runId(1))!.life.sequence]).toEqual([
      10, 1, 1,
    ])
  })

  test('a run whose strategy is gone is left as it lies, and the others go on', async () => {
    const strategies = new Map([bidding(), strategyOf('other', {})].map(one => [one.name, one]))
    const journal = new ManualJournal()
    const { clock, timers } = manualTime(NOON)
    const make = () =>
      new Trader({
        journal,
        strategies: name => strategies.get(name),
        latch: memoryLatch(),
        clock,
        timers,
        log: silentLog,
      })
    const first = make()
    await first.start()
    const starting = Promise.all([
      first.startRun(setupOf('bidding')),
      first.startRun(setupOf('other', { id: runId(2) })),
    ])
    await journal.drain()
    await starting
    strategies.delete('bidding')
    const second = make()
    await second.start()
    expect([...second.runs.keys()]).toEqual([runId(2)])
  })
})

describe('timers of strategies', () => {
  const timing = (fired: string[]) =>
    strategyOf('timing', {
      onCandle(one, context) {
        if (one.openAt !== NOON) return
        context.setTimer('second', context.now + 2_000_000)
        context.setTimer('first', context.now + 1_000_000)
        context.setTimer('third', context.now + 3_000_000)
      },
      onTimer: (name, context) => fired.push(`${name} ${(context.now - NOON - MINUTE) / 1_000_000}`),
    })

  test('all fire in time though the market says nothing', async () => {
    const fired: string[] = []
    const w = await started(manualTime(NOON), timing(fired))
    w.feed(flat(0, 100))
    await w.journal.drain()
    const before = w.journal.committed.length
    await w.time.advance(10_000)
    expect(fired).toEqual(['first 1', 'second 2', 'third 3'])
    // Nothing was placed: nothing is written, and no order has to wait for it.
    expect([w.journal.committed.length, w.journal.underWay]).toEqual([before, []])
  })

  test('also after a restart', async () => {
    const fired: string[] = []
    const w = await started(manualTime(NOON), timing(fired))
    w.feed(flat(0, 100))
    await w.journal.drain()
    const stopping = w.trader.stop()
    await w.journal.drain()
    await stopping
    await w.trader.start()
    await w.time.advance(10_000)
    expect(fired).toEqual(['first 1', 'second 2', 'third 3'])
  })
})
