import type { Entry } from './messages.ts'

/**
 * What the worker holds back between two frames. Latest wins where only the present matters; orders, fills, trades,
 * equity and events are facts and all of them are passed on, up to a bound past which the topic is read afresh.
 */
type Policy =
  | { readonly kind: 'whole' }
  | { readonly kind: 'keyed'; readonly key: string }
  | { readonly kind: 'log'; readonly facts: boolean }

interface Rule {
  readonly policy: Policy
  /** At most one delivery in this time. */
  readonly everyMs: number
}

const WHOLE: Policy = { kind: 'whole' }
const LOG: Policy = { kind: 'log', facts: true }
/** Every one is needed, and none is worth telling of once a new snapshot is there. */
const CHANGES: Policy = { kind: 'log', facts: false }
const RULES: Readonly<Record<string, Rule>> = {
  book: { policy: WHOLE, everyMs: 50 },
  l2: { policy: CHANGES, everyMs: 50 },
  ticker: { policy: { kind: 'keyed', key: 'instrument' }, everyMs: 100 },
  // The server tells of a forming candle four times a second, and a chart is the dearest thing to draw.
  candles: { policy: { kind: 'keyed', key: 'openAt' }, everyMs: 200 },
  trades: { policy: LOG, everyMs: 100 },
  positions: { policy: WHOLE, everyMs: 250 },
  runs: { policy: WHOLE, everyMs: 500 },
  venues: { policy: WHOLE, everyMs: 500 },
  health: { policy: WHOLE, everyMs: 1_000 },
  equity: { policy: LOG, everyMs: 1_000 },
  'exchange-balances': { policy: WHOLE, everyMs: 250 },
  'kill-switch': { policy: WHOLE, everyMs: 0 },
  orders: { policy: LOG, everyMs: 0 },
  fills: { policy: LOG, everyMs: 0 },
  events: { policy: LOG, everyMs: 0 },
}
const SLOW_EVERY_MS = 200
const PACED_PER_FRAME = 2
export const PENDING_MAX = 5_000

const ruleFor = (topic: string): Rule => RULES[topic.split(':', 1)[0] as string] ?? { policy: LOG, everyMs: 0 }

interface Pending {
  snapshot: { data: unknown } | undefined
  whole: unknown[]
  keyed: Map<unknown, unknown>
  log: unknown[]
  at: number
}

const fresh = (): Pending => ({ snapshot: undefined, whole: [], keyed: new Map(), log: [], at: 0 })
const listOf = (data: unknown): readonly unknown[] => (Array.isArray(data) ? data : [data])

export class Conflator {
  private readonly pending = new Map<string, Pending>()
  private readonly deliveredAt = new Map<string, number>()
  private slow = false

  setSlow(slow: boolean): void {
    this.slow = slow
  }

  snapshot(topic: string, data: unknown, at: number): void {
    this.pending.set(topic, { ...fresh(), snapshot: { data }, at })
    this.deliveredAt.delete(topic)
  }

  /** False when the bound is reached: the caller must then ask for a new snapshot. */
  update(topic: string, data: unknown, at: number): boolean {
    const { policy } = ruleFor(topic)
    let held = this.pending.get(topic)
    if (!held) {
      held = fresh()
      this.pending.set(topic, held)
    }
    held.at = at
    if (policy.kind === 'whole') held.whole = [data]
    else if (policy.kind === 'log') held.log.push(...listOf(data))
    else for (const item of listOf(data)) held.keyed.set((item as Record<string, unknown>)[policy.key], item)
    return held.log.length + held.keyed.size <= PENDING_MAX
  }

  forget(topic: string): number {
    const held = this.pending.get(topic)
    this.pending.delete(topic)
    this.deliveredAt.delete(topic)
    const { policy } = ruleFor(topic)
    return policy.kind === 'log' && policy.facts ? (held?.log.length ?? 0) : 0
  }

  /**
   * What is due at this time; a topic whose time has not come stays and goes on conflating. Facts and snapshots come at
   * once; of what is paced only the most overdue come, so that no one frame has all the work.
   */
  take(nowMs: number): Entry[] {
    const entries: Entry[] = []
    const paced: { topic: string; held: Pending; overdueMs: number }[] = []
    for (const [topic, held] of this.pending) {
      const { everyMs } = ruleFor(topic)
      const gapMs = this.slow ? Math.max(SLOW_EVERY_MS, everyMs) : everyMs
      const overdueMs = nowMs - (this.deliveredAt.get(topic) ?? Number.NEGATIVE_INFINITY) - gapMs
      if (overdueMs < 0) continue
      if (everyMs > 0 && !held.snapshot) paced.push({ topic, held, overdueMs })
      else entries.push(this.handOut(topic, held, nowMs))
    }
    paced.sort((a, b) => b.overdueMs - a.overdueMs)
    for (const { topic, held } of paced.slice(0, PACED_PER_FRAME)) entries.push(this.handOut(topic, held, nowMs))
    return entries
  }

  private handOut(topic: string, held: Pending, nowMs: number): Entry {
    this.pending.delete(topic)
    this.deliveredAt.set(topic, nowMs)
    const updates = [...held.whole, ...held.keyed.values(), ...held.log]
    return { topic, updates, at: held.at, ...(held.snapshot ? { snapshot: held.snapshot } : {}) }
  }

  get waiting(): boolean {
    return this.pending.size > 0
  }
}
