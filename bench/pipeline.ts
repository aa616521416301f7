import { createLivingMarket } from '../simulators/market/index.ts'
import {
  type MarketInput,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
  type RunId,
  type TenantId,
} from '../src/kernel/index.ts'
import { DEMO_INSTRUMENTS } from '../src/market/index.ts'
import { BUILT_IN } from '../src/strategies/index.ts'
import { type Effect, TradingNode } from '../src/trading/index.ts'
import { PaperSettings } from '../src/venues/index.ts'
import type { Figure } from './report.ts'

/**
 * Ticks of four instruments (trades and books of the living market, ten minutes of them repeated with shifted times) through
 * candles of five seconds, indicators, a strategy for each, risk, order decisions and the paper venue, in one thread.
 * Persisting is left out: it is the bench `events`. The floor makes the same inputs and does nothing with them.
 */
const EVENTS = 4_000_000
const LONG_RUN_EVENTS = 20_000_000
const PACED_PER_SECOND = 15_000
const PACED_SECONDS = 10
/** Long enough to trade in; short enough that the ticks themselves do not fill the heap that is measured. */
const SPAN: Micros = 10 * MICROS_PER_MINUTE
const START: Micros = 1_750_000_000 * MICROS_PER_SECOND

export async function* run(): AsyncGenerator<Figure> {
  const ticks = createTicks()
  feed(ticks, newNode(), 500_000)
  const floorSeconds = seconds(() => {
    let sum = 0
    for (let i = 0; i < EVENTS; i++) sum += ticks.at(i).at
    return sum
  })
  let orders = 0
  const ownSeconds = seconds(() => {
    orders = feed(ticks, newNode(), EVENTS)
  })
  if (orders < 1_000) throw new Error(`only ${orders} orders were decided: this would be no bench`)
  yield {
    metric: 'eventsPerSecond',
    value: EVENTS / ownSeconds,
    unit: 'events/s',
    goal: 200_000,
    floor: 'making the inputs',
    floorValue: EVENTS / floorSeconds,
  }
  yield { metric: 'decisionP99Ms', value: await pacedP99(ticks), unit: 'ms', lessIsBetter: true, goal: 1 }
  yield { metric: 'heapGrowthMiB', value: heapGrowth(ticks), unit: 'MiB', lessIsBetter: true, goal: 50 }
}

interface Ticks {
  at(index: number): MarketInput
}

function createTicks(): Ticks {
  const market = createLivingMarket({ seed: 'pipeline', start: START })
  const inputs = market.advance(START + SPAN)
  return {
    at(index) {
      const input = inputs[index % inputs.length]!
      const shift = Math.floor(index / inputs.length) * SPAN
      const at = input.at + shift
      if (input.kind === 'trade') {
        const { price, quantity, side } = input.data
        return { kind: 'trade', instrument: input.instrument, at, data: { at, price, quantity, side } }
      }
      if (input.kind === 'book') {
        const { bids, asks, sequence } = input.data
        return { kind: 'book', instrument: input.instrument, at, data: { at, sequence, bids, asks } }
      }
      return input
    },
  }
}

function newNode(): TradingNode {
  const node = new TradingNode({ strategies: name => BUILT_IN.find(strategy => strategy.name === name) })
  DEMO_INSTRUMENTS.forEach((instrument, i) => {
    const isTrend = i % 2 === 0
    const setup = {
      id: `00000000-0000-7000-8000-00000000000${i}` as RunId,
      tenant: '00000000-0000-7000-8000-00000000000a' as TenantId,
      name: instrument.pair,
      strategy: isTrend ? 'trend' : 'mean-reversion',
      instrument,
      interval: 5 * MICROS_PER_SECOND,
      parameters: isTrend ? { fast: 6, slow: 18 } : { length: 20, deviations: 1.5 },
      allocation: '1000000',
      paper: PaperSettings.parse({ makerFeePpm: 0, takerFeePpm: 0 }),
      seed: String(i),
    }
    node.handle({ kind: 'command', at: START, data: { type: 'start_run', setup } })
  })
  return node
}

/** Feeds events and gives how many orders were decided. */
function feed(ticks: Ticks, node: TradingNode, count: number, from = 0): number {
  const effects: Effect[] = []
  let orders = 0
  for (let i = from; i < from + count; i++) {
    node.handle(ticks.at(i), effects)
    if (effects.length === 0) continue
    for (const effect of effects)
      if (effect.kind === 'persist' && effect.event.type === 'order.initialized') orders += 1
    effects.length = 0
  }
  return orders
}

/** From the moment an event is due to the moment it has been decided on, at a steady rate, whatever else the process does. */
async function pacedP99(ticks: Ticks): Promise<number> {
  const node = newNode()
  const warm = 200_000
  feed(ticks, node, warm)
  const count = PACED_PER_SECOND * PACED_SECONDS
  const late = new Float64Array(count)
  const effects: Effect[] = []
  const started = performance.now()
  let i = 0
  while (i < count) {
    const due = Math.min(count, Math.floor(((performance.now() - started) * PACED_PER_SECOND) / 1_000))
    for (; i < due; i++) {
      node.handle(ticks.at(warm + i), effects)
      effects.length = 0
      late[i] = performance.now() - started - ((i + 1) * 1_000) / PACED_PER_SECOND
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  return late.sort()[Math.floor(count * 0.99)]!
}

function heapGrowth(ticks: Ticks): number {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('this bench needs node --expose-gc, as `npm run bench` gives it')
  const node = newNode()
  feed(ticks, node, 1_000_000)
  collect()
  const before = process.memoryUsage().heapUsed
  feed(ticks, node, LONG_RUN_EVENTS, 1_000_000)
  collect()
  const after = process.memoryUsage().heapUsed
  if (node.runs.size !== DEMO_INSTRUMENTS.length) throw new Error('the node lost a run')
  return (after - before) / 2 ** 20
}

function seconds(work: () => unknown): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1_000
}
