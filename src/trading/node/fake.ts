import type { MarketInput, OrderId, Refusal, VenueReport } from '../../kernel/index.ts'
import { NOON, runId, setupOf, strategyOf } from '../fake.ts'
import type { Effect, NodeCommand, RunSetup } from './input.ts'
import { TradingNode } from './node.ts'
import type { AnyStrategy, NewOrder } from './strategy.ts'

/** For tests only: a node with one strategy. */

export const buy: NewOrder = { side: 'buy', quantity: 10, reason: 'test' }
export const bid: NewOrder = { ...buy, type: 'limit', price: 99 }

/** A node with one strategy and its run, and short ways to feed it. */
export function at(strategy: AnyStrategy, changed: Partial<RunSetup> = {}) {
  const setup = setupOf(strategy.name, changed)
  const node = new TradingNode({ strategies: name => (name === strategy.name ? strategy : undefined) })
  const command = (data: NodeCommand, time = NOON) => node.handle({ kind: 'command', at: time, data })
  const started = command({ type: 'start_run', setup })
  node.handle({ kind: 'feed', instrument: setup.instrument.id, at: NOON, staleness: null })
  return {
    node,
    setup,
    started,
    command,
    run: () => node.runs.get(setup.id)!,
    feed: (...inputs: readonly MarketInput[]): Effect[] => inputs.flatMap(input => node.handle(input)),
    report: (data: VenueReport): Effect[] => node.handle({ kind: 'report', run: setup.id, at: data.at, data }),
    unresolved: (order: string, time = NOON): Effect[] =>
      node.handle({ kind: 'unresolved', run: setup.id, at: time, order: order as OrderId, reason: 'timeout' }),
  }
}
export const orderId = (n: number) => `${runId(1).slice(-12)}-${n}` as OrderId

/** Places what it is told at the first candle, and remembers what came of it. */
export function placing(...wishes: readonly NewOrder[]) {
  const answers: (OrderId | Refusal)[] = []
  let isDone = false
  const strategy = strategyOf('placing', {
    onCandle(_, context) {
      if (isDone) return
      isDone = true
      for (const wish of wishes) answers.push(context.place(wish))
    },
  })
  return { strategy, answers }
}
