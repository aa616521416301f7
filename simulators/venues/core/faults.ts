import { z } from 'zod'
import { AppError, type Micros, type Random } from '../../../src/kernel/index.ts'

/** What a request is for. */
export type CallName = 'place' | 'amend' | 'cancel' | 'query' | 'public'
/** What a frame of a stream tells. */
export type ChannelName = 'book' | 'trades' | 'ticker' | 'orders' | 'balances' | 'other'

export const FAULT_KINDS = [
  'refuse',
  'unavailable',
  'delay',
  'lose_ack',
  'partial_fill',
  'duplicate_report',
  'reorder_reports',
  'gap',
  'bad_checksum',
  'disconnect',
  'clock_skew',
  'rate_limit',
  'ban',
  'maintenance',
  'malformed_json',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** What a fault may be set on. */
export const FAULT_TARGETS = [
  'place',
  'amend',
  'cancel',
  'query',
  'public',
  'book',
  'trades',
  'ticker',
  'orders',
  'balances',
] as const
export type FaultTarget = (typeof FAULT_TARGETS)[number]

/** A fault to come: which kind, on what, how often. Without `count` it goes on; `probability` is of each chance. */
export const FaultRule = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  on: z.array(z.enum(FAULT_TARGETS)).max(FAULT_TARGETS.length).optional(),
  count: z.int().min(1).max(1_000_000).optional(),
  probability: z.number().gt(0).max(1).default(1),
  /** For `delay` how long, for `ban` and `maintenance` until when, for `clock_skew` how far (may be negative). */
  ms: z.int().min(-3_600_000).max(3_600_000).default(500),
  /** For `partial_fill`: the share that fills at once. */
  part: z.number().gt(0).lt(1).default(0.5),
})
export type FaultRule = z.infer<typeof FaultRule>

export const FaultFile = z.array(FaultRule).max(1_000)

export interface Fired {
  readonly kind: FaultKind
  readonly on: string
  readonly at: Micros
}

const RULES_MAX = 1_000
const FIRED_KEPT = 10_000

/** The faults that are set, and those that have happened. Seeded: the same requests meet the same faults. */
export class Faults {
  readonly #random: Random
  readonly #fired: Fired[] = []
  readonly #met = new Set<string>()
  #rules: { rule: FaultRule; left: number }[] = []

  constructor(random: Random, rules: readonly FaultRule[]) {
    this.#random = random
    for (const rule of rules) this.add(rule)
  }

  get rules(): readonly FaultRule[] {
    return this.#rules.map(({ rule }) => rule)
  }

  get fired(): readonly Fired[] {
    return this.#fired
  }

  /** What has come by since the last rule was set: the requests and frames that a fault could have happened to. */
  get met(): ReadonlySet<string> {
    return this.#met
  }

  add(rule: FaultRule): void {
    if (this.#rules.length >= RULES_MAX)
      throw new AppError('request.invalid', { field: 'faults', rule: `are at most ${RULES_MAX}` })
    this.#met.clear()
    this.#rules.push({ rule, left: rule.count ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#rules = []
  }

  /** Whether a fault of this kind happens now, to this; it is noted if so. */
  take(kind: FaultKind, on: CallName | ChannelName | 'clock', at: Micros): FaultRule | null {
    this.#met.add(on)
    for (const entry of this.#rules) {
      const { rule } = entry
      if (rule.kind !== kind) continue
      if (rule.on !== undefined && !(rule.on as readonly string[]).includes(on)) continue
      if (rule.probability < 1 && this.#random.next() >= rule.probability) continue
      entry.left -= 1
      if (entry.left <= 0) this.#rules = this.#rules.filter(one => one !== entry)
      this.#fired.push({ kind, on, at })
      if (this.#fired.length > FIRED_KEPT) this.#fired.shift()
      return rule
    }
    return null
  }

  /** A fault that lasts as long as it is set and uses nothing up: a clock that is wrong. */
  standing(kind: FaultKind): FaultRule | null {
    return this.#rules.find(({ rule }) => rule.kind === kind)?.rule ?? null
  }
}
