import { describe, expect, test } from 'vitest'
import type { MarketInput, OrderId, VenueReport } from '../../kernel/index.ts'
import { silentLog } from '../../platform/index.ts'
import { type ManualTime, manualTime } from '../../platform/testing.ts'
import {
  book,
  flat,
  inShort,
  ManualJournal,
  MINUTE,
  NOON,
  runId,
  settled,
  setupOf,
  strategyOf,
  trade,
} from '../fake.ts'
import { type KillLatch, memoryLatch } from '../kill-switch/latch.ts'
import type { Effect } from '../node/input.ts'
import type { AnyStrategy, NewOrder } from '../node/strategy.ts'
import { PENDING_EFFECTS_MAX, Trader } from './trader.ts'

const buy: NewOrder = { side: 'buy', quantity: 10, reason: 'test' }
const bid: NewOrder = { ...buy, type: 'limit', price: 99 }
const orderId = (n: number) => `${runId(1).slice(-12)}-${n}` as OrderId

/** Places an order at every candle. */
const bidding = (wish: NewOrder = bid) => strategyOf('bidding', { onCandle: (_, context) => void context.place(wish) })

interface World {
  readonly journal: ManualJournal
  readonly time: ManualTime
  readonly trader: Trader
  readonly latch: KillLatch
  readonly sent: string[]
  readonly canceled: string[]
  readonly shown: string[][]
  feed(...inputs: MarketInput[]): void
  report(data: VenueReport): void
}

function world(strategy: AnyStrategy, latch = memoryLatch()): World {
  const journal = new ManualJournal()
  const time = manualTime(NOON)
  const sent: string[] = []
  const canceled: string[] = []
  const shown: string[][] = []
  const trader = new Trader({
    journal,
    strategies: name => (name === strategy.name ? strategy : undefined),
    latch,
    clock: time.clock,
    timers: time.timers,
    log: silentLog,
    send: effect => sent.push(effect.request.id),
    cancel: effect => canceled.push(effect.order),
    onCommit: (effects: readonly Effect[]) => shown.push(inShort(effects)),
  })
  return {
    journal,
    time,
    trader,
    latch,
    sent,
    canceled,
    shown,
    feed(...inputs) {
      for (const input of inputs) {
        time.clock.set(Math.max(time.clock.now(), input.at))
        trader.onMarket(input)
      }
    },
    report: data => trader.onVenue({ kind: 'report', run: runId(1), at: data.at, data }),
  }
}

/** A world whose one run has started, on an outside venue unless told otherwise. */
async function started(strategy: AnyStrategy = bidding(), paper: 'paper' | 'outside' = 'outside'): Promise<World> {
  const made = world(strategy)
  await made.trader.start()
  const running = made.trader.startRun(setupOf(strategy.name, paper === 'paper' ? {} : { paper: null }))
  await made.journal.drain()
  await running
  return made
}

/** What has been committed of orders, in short. */
const stored = ({ journal }: World): string[] => journal.committed.flatMap(batch => inShort(batch.effects))
const facts = ({ journal }: World): string[] =>
  journal.committed.flatMap(batch => batch.switchFacts.map(fact => `${fact.type} ${fact.data.reason}`))

describe('committing', () => {
  test('an order’s intent is committed before it is sent', async () => {
    const w = await started()
    w.feed(flat(0, 100))
    await settled()
    expect([w.journal.underWay.length, w.sent]).toEqual([1, []])
    await w.journal.succeed()
    expect(w.sent).toEqual([orderId(1)])
    expect(stored(w)).toEqual(['run started', 'order.initialized #1', 'order.submitted #1', 'send #1'])
  })

  test('what comes while a commit is under way gathers into the next', async () => {
    const w = await started()
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
    const w = await started()
    w.feed(flat(0, 100))
    expect(w.trader.records.get(runId(1))!.openOrders).toBe(0)
    await w.journal.succeed()
    expect(w.trader.records.get(runId(1))!.openOrders).toBe(1)
    expect(w.shown.at(-1)).toEqual(['order.initialized #1', 'order.submitted #1', 'send #1'])
  })

  test('a cancel waits for no commit', async () => {
    const w = await started()
    w.feed(flat(0, 100))
    await w.journal.drain()
    const asked = w.trader.cancelOrder(runId(1), orderId(1))
    expect(w.canceled).toEqual([orderId(1)])
    await w.journal.drain()
    await asked
  })

  test('a command that cannot be is refused at once, and nothing is committed', async () => {
    const w = await started()
    await expect(w.trader.stopRun(runId(9))).rejects.toThrow('no such run')
    await expect(w.trader.cancelOrder(runId(1), orderId(9))).rejects.toThrow('no such order')
    expect(w.journal.underWay).toEqual([])
  })
})

describe('a failed commit', () => {
  test('ends the node: nothing is sent, whoever waits is told, and inputs are ignored', async () => {
    const w = await started()
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
    const w = await started()
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
    w.feed(flat(2, 100))
    await w.journal.drain()
    expect(w.sent).toEqual([orderId(1), orderId(2)])
  })

  test('a start that was under way when the trader was told to stop does not go on', async () => {
    const w = await started()
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
    const w = await started()
    const before = w.journal.committed.length
    w.feed(flat(0, 100))
    const stopping = w.trader.stop()
    await w.journal.drain()
    await stopping
    expect([w.trader.state, w.journal.committed.length]).toEqual(['stopped', before + 2])
    expect(w.sent).toEqual([orderId(1)])
  })

  test('a start goes on from what was saved', async () => {
    const w = await started(bidding(buy), 'paper')
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
    const w = await started(timing(fired))
    w.feed(flat(0, 100))
    await w.journal.drain()
    await w.time.advance(10_000)
    expect(fired).toEqual(['first 1', 'second 2', 'third 3'])
  })

  test('also after a restart', async () => {
    const fired: string[] = []
    const w = await started(timing(fired))
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

describe('the kill switch', () => {
  const outcomes = ({ trader, time }: World) => trader.receipt.lines(time.clock.now()).map(line => line.outcome)

  /** Three orders are open at an outside venue, acknowledged and durable. */
  async function withOrders(): Promise<World> {
    const w = await started()
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
    const w = await started(bidding(buy), 'paper')
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
    const w = world(bidding(), {
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
