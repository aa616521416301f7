import { z } from 'zod'
import {
  type Candle,
  defineInstrument,
  type Level,
  type MarketInput,
  MICROS_PER_MINUTE,
  type Micros,
  type OrderId,
  type RunId,
  type Side,
  type TenantId,
} from '../kernel/index.ts'
import { PaperSettings } from '../venues/index.ts'
import type { Effect, RunSetup } from './node/input.ts'
import type { AnyStrategy, Context, Json, Strategy } from './node/strategy.ts'
import type { Order, OrderEvent } from './orders/order.ts'
import type { Batch, SavedRun, TradingJournal } from './trader/journal.ts'

/** For tests only: a small market, strategies of a few lines, and a journal that commits when it is told to. */

/** A tick is 1 USD and a lot 1 ABC, so that figures can be checked in the head. */
export const ABC = defineInstrument({ venue: 'paper', pair: 'ABC/USD', tick: '1', lot: '1' })
export const NOON: Micros = 1_763_726_400_000_000
export const MINUTE = MICROS_PER_MINUTE

export const FREE = PaperSettings.parse({
  makerFeePpm: 0,
  takerFeePpm: 0,
  latency: 0,
  participation: 1,
  slippagePpm: 0,
})

export const runId = (n: number): RunId => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId
const TENANT = '00000000-0000-7000-8000-00000000000a' as TenantId

export const setupOf = (strategy: string, changed: Partial<RunSetup> = {}): RunSetup => ({
  id: runId(1),
  tenant: TENANT,
  name: 'test',
  strategy,
  instrument: ABC,
  interval: MINUTE,
  parameters: {},
  allocation: '100000',
  paper: FREE,
  seed: '1',
  ...changed,
})

type Hooks = Pick<Strategy<unknown, unknown, Json>, 'onCandle' | 'onTrade' | 'onBook' | 'onFill' | 'onTimer'>

/** A strategy without parameters or indicators that does what its hooks say. */
export const strategyOf = (name: string, hooks: Hooks, more: Partial<AnyStrategy> = {}): AnyStrategy => ({
  name,
  title: name,
  description: name,
  parameters: z.strictObject({}),
  warmup: () => 1,
  indicators: () => null,
  feed: () => {},
  memory: () => ({}),
  ...hooks,
  ...more,
})

export type AnyContext = Context<unknown, unknown, Json>

export const trade = (at: Micros, price: number, quantity = 1, side: Side = 'buy'): MarketInput => ({
  kind: 'trade',
  instrument: ABC.id,
  at,
  data: { at, price, quantity, side },
})

export const book = (at: Micros, bids: readonly Level[], asks: readonly Level[]): MarketInput => ({
  kind: 'book',
  instrument: ABC.id,
  at,
  data: { at, sequence: 1, bids, asks },
})

/** The nth minute after noon, given at its close. */
export const candle = (n: number, open: number, high: number, low: number, close: number, volume = 3_000) => {
  const data: Candle = { openAt: NOON + n * MINUTE, open, high, low, close, volume }
  return { kind: 'candle', instrument: ABC.id, at: NOON + (n + 1) * MINUTE, interval: MINUTE, data } as const
}
export const flat = (n: number, price: number) => candle(n, price, price, price, price)

/** Effects in short: `order.filled #1`, `send #1`. */
export const inShort = (effects: readonly Effect[]): string[] => effects.map(shortOf)

function shortOf(effect: Effect): string {
  switch (effect.kind) {
    case 'persist':
      return `${effect.event.type} ${numberOf(effect.order.request.id)}`
    case 'send':
      return `send ${numberOf(effect.request.id)}`
    case 'cancel':
      return `cancel ${numberOf(effect.order)}`
    case 'timer':
      return 'timer'
    case 'run':
      return `run ${effect.type}`
    case 'contradiction':
      return `contradiction ${effect.code}`
  }
}

const numberOf = (order: string): string => `#${order.slice(order.lastIndexOf('-') + 1)}`

export const eventsOf = (effects: readonly Effect[]): OrderEvent[] =>
  effects.flatMap(effect => (effect.kind === 'persist' ? [effect.event] : []))

/** Keeps what is committed; commits and loads settle when the test says so. */
export class ManualJournal implements TradingJournal {
  readonly committed: Batch[] = []
  readonly #runs = new Map<RunId, SavedRun>()
  #waiting: { batch: Batch; resolve: () => void; reject: (error: unknown) => void }[] = []
  isDown = false
  loads = 0

  /** Commits that are under way. */
  get underWay(): readonly Batch[] {
    return this.#waiting.map(({ batch }) => batch)
  }

  async load(): Promise<readonly SavedRun[]> {
    this.loads += 1
    if (this.isDown) throw new Error('no database')
    return [...this.#runs.values()]
  }

  commit(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject })
    })
  }

  /** The last committed state of an order. */
  async order(id: OrderId): Promise<{ run: RunId; order: Order } | null> {
    for (const { effects } of this.committed.toReversed())
      for (const effect of effects.toReversed())
        if (effect.kind === 'persist' && effect.order.request.id === id) return { run: effect.run, order: effect.order }
    return null
  }

  /** Lets the commit that is under way succeed, and what follows from it happen. */
  async succeed(): Promise<Batch> {
    const { batch, resolve } = this.#next()
    for (const run of batch.runs) this.#runs.set(run.setup.id, { snapshot: run.snapshot, life: run.life })
    this.committed.push(batch)
    resolve()
    await settled()
    return batch
  }

  async fail(error: unknown = new Error('the database is gone')): Promise<void> {
    this.#next().reject(error)
    await settled()
  }

  /** Succeeds until nothing is under way. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.succeed()
  }

  #next() {
    const next = this.#waiting.shift()
    if (next === undefined) throw new Error('no commit is under way')
    return next
  }
}

/** Lets everything run that waits for nothing but a promise: more turns than any chain of ours is long. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await null
}
