import { describe, expect, test } from 'vitest'
import { manualTime } from '../../platform/testing.ts'
import { book, flat, NOON, runId, setupOf, strategyOf, trade } from '../fake.ts'
import { memoryLatch } from '../kill-switch/latch.ts'
import { bid, bidding, buy, facts, open, orderId, started, stored, type World, world } from './fake.ts'

describe('the kill switch', () => {
  const outcomes = ({ trader, time }: World) => trader.receipt.lines(time.clock.now()).map(line => line.outcome)

  /** Three orders are open at an outside venue, acknowledged and durable. */
  async function withOrders(): Promise<World> {
    const w = await started(manualTime(NOON))
    for (const n of [1, 2, 3]) {
      w.feed(flat(n, 100))
      w.report({ type: 'accepted', order: orderId(n), venueOrderId: `V${n}`, at: w.time.clock.now() })
    }
    await w.journal.drain()
    return w
  }

  test('SC-98: works while the database hangs: latched, every cancel is out, and a venue’s reports settle the receipt', async () => {
    const w = await withOrders()
    w.feed(flat(4, 100))
    expect(w.journal.underWay.length).toBe(1)
    w.trader.kill('Ada', 'hanging')
    expect(w.latch.read()).toMatchObject({ by: 'Ada', reason: 'hanging' })
    expect(w.canceled).toEqual([1, 2, 3, 4].map(orderId))
    expect(outcomes(w)).toEqual(['pending', 'pending', 'pending', 'pending'])
    const at = w.time.clock.now()
    w.report({ type: 'canceled', order: orderId(1), reason: 'requested', at })
    const fill = { id: 'f', price: 99, quantity: 10, liquidity: 'maker' as const, fee: 0n }
    w.report({ type: 'filled', order: orderId(2), fill, at })
    w.trader.onVenue({ kind: 'unresolved', run: runId(1), at, order: orderId(3), reason: 'timeout' })
    expect(outcomes(w)).toEqual(['confirmed', 'filled_meanwhile', 'unknown', 'pending'])
    await w.time.advance(10_000)
    expect(outcomes(w)).toEqual(['confirmed', 'filled_meanwhile', 'unknown', 'pending'])
    await w.time.advance(1)
    expect(outcomes(w)).toEqual(['confirmed', 'filled_meanwhile', 'unknown', 'unknown'])
    w.report({ type: 'canceled', order: orderId(4), reason: 'requested', at: w.time.clock.now() })
    w.report({ type: 'canceled', order: orderId(3), reason: 'requested', at: w.time.clock.now() })
    expect(outcomes(w)).toEqual(['confirmed', 'filled_meanwhile', 'confirmed', 'confirmed'])
    w.feed(flat(6, 100), flat(7, 100))
    expect(w.trader.runs.get(runId(1))!.openOrderCount).toBe(0)
    await w.journal.drain()
    expect(facts(w)).toEqual(['kill_switch.pulled hanging'])
  })

  test('SC-98: works when the commit fails: the fact survives and is written once the database is back', async () => {
    const w = await withOrders()
    w.trader.kill('Ada', 'failing')
    w.journal.isDown = true
    await w.journal.fail()
    expect([w.trader.state, facts(w)]).toEqual(['halted', []])
    await w.time.advance(5_000)
    w.journal.isDown = false
    await w.time.advance(1_000)
    expect(w.trader.state).toBe('running')
    await w.journal.drain()
    expect(facts(w)).toEqual(['kill_switch.pulled failing'])
    // The durable state had open orders: they are asked to be canceled again, and nothing new is placed.
    expect(w.canceled).toEqual([1, 2, 3, 1, 2, 3].map(orderId))
    w.feed(flat(9, 100))
    expect(w.trader.runs.get(runId(1))!.openOrderCount).toBe(3)
  })

  test('SC-98: pulled while the node has ended, it holds when the node is back', async () => {
    const w = await withOrders()
    w.feed(flat(4, 100))
    w.journal.isDown = true
    await w.journal.fail()
    w.trader.kill('Ada', 'no node')
    expect(w.latch.read()).not.toBeNull()
    w.journal.isDown = false
    await w.time.advance(1_000)
    await w.journal.drain()
    w.feed(flat(9, 100))
    await w.journal.drain()
    expect(w.sent).toEqual([1, 2, 3].map(orderId))
    expect(facts(w)).toEqual(['kill_switch.pulled no node'])
  })

  test('pulled and lifted while a commit is under way, both facts are stored, in order and once', async () => {
    const w = await withOrders()
    w.trader.kill('Ada', 'first')
    expect(w.journal.underWay.length).toBe(1)
    w.trader.lift('Ada', 'second')
    w.trader.kill('Ada', 'third')
    await w.journal.drain()
    expect(facts(w)).toEqual(['kill_switch.pulled first', 'kill_switch.lifted second', 'kill_switch.pulled third'])
  })

  test('lifted, orders flow again', async () => {
    const w = await started(manualTime(NOON), bidding(buy), 'paper')
    w.trader.kill('Ada', 'why')
    w.feed(flat(0, 100))
    w.trader.lift('Ada', 'all is well')
    w.feed(flat(1, 100))
    await w.journal.drain()
    expect(stored(w)).toEqual(['run started', 'order.initialized #1', 'order.submitted #1'])
    expect(w.latch.read()).toBeNull()
  })

  test('with paper orders the receipt is confirmed at once, and a part that filled meanwhile is told', async () => {
    const w = await started(
      manualTime(NOON),
      strategyOf('booked', { onTrade: (one, context) => void (one.at === NOON + 2 && context.place(bid)) }),
      'paper',
    )
    w.feed(book(NOON + 1, [[98, 5]], [[101, 5]]), trade(NOON + 2, 100), trade(NOON + 3, 99, 4, 'sell'))
    await w.journal.drain()
    w.trader.kill('Ada', 'why')
    expect(w.trader.receipt.lines(w.time.clock.now())).toEqual([
      {
        order: orderId(1),
        run: runId(1),
        instrument: 'paper:ABC/USD',
        side: 'buy',
        remaining: '6',
        outcome: 'confirmed',
      },
    ])
  })

  test('a latch that cannot be written does not keep it from working', async () => {
    const latch = memoryLatch()
    const w = world(manualTime(NOON), bidding(), {
      ...latch,
      pull(next) {
        latch.pull(next)
        throw new Error('no space left on device')
      },
    })
    await w.trader.start()
    const running = w.trader.startRun(setupOf('bidding', { paper: null }))
    await w.journal.drain()
    await running
    open(w)
    w.feed(flat(0, 100))
    await w.journal.drain()
    w.trader.kill('Ada', 'full disk')
    expect(w.canceled).toEqual([orderId(1)])
  })

  test('a start with the latch pulled places nothing and cancels what is open', async () => {
    const w = await withOrders()
    const stopping = w.trader.stop()
    await w.journal.drain()
    await stopping
    w.latch.pull({ since: NOON, by: 'Ada', reason: 'before the start' })
    await w.trader.start()
    expect(w.canceled).toEqual([1, 2, 3].map(orderId))
    w.feed(flat(8, 100))
    await w.journal.drain()
    expect(w.sent).toEqual([1, 2, 3].map(orderId))
  })
})
