import type { ManualClock, MarketInput, OrderId, Timers, VenueReport } from '../../kernel/index.ts'
import { silentLog } from '../../platform/index.ts'
import { ABC, inShort, ManualJournal, NOON, runId, setupOf, strategyOf } from '../fake.ts'
import { type KillLatch, memoryLatch } from '../kill-switch/latch.ts'
import type { Effect } from '../node/input.ts'
import type { AnyStrategy, NewOrder } from '../node/strategy.ts'
import { Trader } from './trader.ts'

/** For tests only: a trader over a journal and a time that move when they are told to. */

export const buy: NewOrder = { side: 'buy', quantity: 10, reason: 'test' }
export const bid: NewOrder = { ...buy, type: 'limit', price: 99 }
export const orderId = (n: number) => `${runId(1).slice(-12)}-${n}` as OrderId

/** Places an order at every candle. */
export const bidding = (wish: NewOrder = bid) =>
  strategyOf('bidding', { onCandle: (_, context) => void context.place(wish) })

interface Time {
  readonly clock: ManualClock
  readonly timers: Timers
  advance(ms: number): Promise<void>
}

export interface World {
  readonly journal: ManualJournal
  readonly time: Time
  readonly trader: Trader
  readonly latch: KillLatch
  readonly sent: string[]
  readonly canceled: string[]
  readonly shown: string[][]
  feed(...inputs: MarketInput[]): void
  report(data: VenueReport): void
}

export function world(time: Time, strategy: AnyStrategy, latch = memoryLatch()): World {
  const journal = new ManualJournal()
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
export async function started(
  time: Time,
  strategy: AnyStrategy = bidding(),
  paper: 'paper' | 'outside' = 'outside',
): Promise<World> {
  const made = world(time, strategy)
  await made.trader.start()
  const running = made.trader.startRun(setupOf(strategy.name, paper === 'paper' ? {} : { paper: null }))
  await made.journal.drain()
  await running
  open(made)
  return made
}

/** Lets the market be traded on: a run at an outside venue waits to be told so. */
export const open = ({ trader }: World): void =>
  trader.onVenue({ kind: 'feed', instrument: ABC.id, at: NOON, staleness: null })

/** What has been committed of orders, in short. */
export const stored = ({ journal }: World): string[] => journal.committed.flatMap(batch => inShort(batch.effects))
export const facts = ({ journal }: World): string[] =>
  journal.committed.flatMap(batch => batch.switchFacts.map(fact => `${fact.type} ${fact.data.reason}`))
