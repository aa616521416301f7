import { LRUCache } from 'lru-cache'
import { assert, MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import type { HttpResponse } from '../port/index.ts'
import { Meter } from './meter.ts'
import { type Charge, chargesOf, type RateRequest, type RequestKind, type VenueRates } from './rules.ts'

/** The share of every limit that a kind of request may use: what is left is kept for more urgent ones. */
export const SHARES: Readonly<Record<RequestKind, number>> = { cancel: 1, order: 0.9, query: 0.75 }
/** How much earlier or later than we think the venue may count a request: differing latency, and clocks. */
const TOLERANCE_MS = 250
/** Buckets of which there is one for each pair or endpoint. */
const METERS_MAX = 5_000
/** Orders of which the age is remembered. */
const ORDERS_REMEMBERED_MAX = 20_000

const PAUSE = '(everything)'

/** Meters of what a venue counts by address: all budgets for the venue in one process share them. */
export type SharedMeters = LRUCache<string, Meter>
export const sharedMeters = (): SharedMeters => new LRUCache({ max: METERS_MAX })

export interface BucketUse {
  readonly bucket: string
  readonly used: number
  readonly max: number
}

/** What may still be sent to a venue with one key. It has no clock: every question comes with its time. */
export class RateBudget {
  readonly rates: VenueRates
  readonly #toleranceMs: number
  readonly #own: SharedMeters = sharedMeters()
  readonly #shared: SharedMeters
  readonly #placed = new LRUCache<string, { atMs: number; per: string | undefined }>({ max: ORDERS_REMEMBERED_MAX })

  constructor(rates: VenueRates, { shared = sharedMeters(), toleranceMs = TOLERANCE_MS } = {}) {
    this.rates = rates
    this.#shared = shared
    this.#toleranceMs = toleranceMs
  }

  charges(request: RateRequest, at: Micros): readonly Charge[] {
    const atMs = at / MICROS_PER_MS
    return chargesOf(this.rates, request, order => {
      const placed = this.#placed.get(order)
      return placed === undefined ? null : { ageMs: atMs - placed.atMs, per: placed.per }
    })
  }

  /**
   * How long a request has to wait, in milliseconds; 0 when it may go now. `blocked` names the buckets that make it wait.
   * `ahead` is what others in front of it will take from a bucket first.
   */
  wait(
    charges: readonly Charge[],
    kind: RequestKind,
    at: Micros,
    ahead: (key: string) => number = () => 0,
  ): { readonly waitMs: number; readonly blocked: readonly string[] } {
    const atMs = at / MICROS_PER_MS
    let waitMs = this.#shared.get(PAUSE)?.waitMs(0, 0, 1, atMs) ?? 0
    const blocked: string[] = waitMs > 0 ? [PAUSE] : []
    for (const charge of charges) {
      const key = keyOf(charge)
      const own = this.#meter(charge).waitMs(charge.cost, ahead(key), SHARES[kind], atMs)
      if (own > 0) blocked.push(key)
      waitMs = Math.max(waitMs, own)
    }
    return { waitMs, blocked }
  }

  /** Counts a request that leaves now. */
  take(charges: readonly Charge[], at: Micros): void {
    for (const charge of charges) this.#meter(charge).take(charge.cost, at / MICROS_PER_MS)
  }

  /**
   * Learns from an answer that came at `at`: the venue's own count, pauses, and the ids of an order that was placed.
   * `sentAt` is when the request left.
   */
  hear(request: RateRequest, charges: readonly Charge[], response: HttpResponse, at: Micros, sentAt: Micros): void {
    const atMs = at / MICROS_PER_MS
    const sentAtMs = sentAt / MICROS_PER_MS
    const per = charges.find(charge => charge.per !== undefined)?.per
    for (const id of this.rates.placed?.(request, response) ?? []) this.#placed.set(id, { atMs, per })
    for (const heard of this.rates.hear(request, response, atMs))
      switch (heard.type) {
        case 'used':
          this.#meter({ cost: 0, ...heard }).hear(heard.used, heard.max, sentAtMs, atMs)
          break
        case 'full':
          for (const charge of charges)
            if (heard.buckets?.includes(charge.bucket) ?? true) this.#meter(charge).fill(sentAtMs, atMs)
          break
        case 'pause':
          if (heard.of === 'everything') this.#everything().pause(atMs + heard.forMs)
          else for (const charge of charges) this.#meter(charge).pause(atMs + heard.forMs)
      }
  }

  /** The buckets that have been used, fullest first. */
  use(at: Micros): readonly BucketUse[] {
    return [...this.#shared.entries(), ...this.#own.entries()]
      .filter(([bucket]) => bucket !== PAUSE)
      .map(([bucket, meter]) => ({ bucket, used: meter.used(at / MICROS_PER_MS), max: meter.max }))
      .sort((a, b) => b.used / b.max - a.used / a.max)
  }

  #meter(charge: Charge): Meter {
    const bucket = this.rates.buckets[charge.bucket]
    assert(bucket !== undefined, `${this.rates.venue} has a bucket ${charge.bucket}`)
    const meters = bucket.scope === 'ip' ? this.#shared : this.#own
    const key = keyOf(charge)
    let meter = meters.get(key)
    if (meter === undefined) {
      meter = new Meter(bucket, this.#toleranceMs)
      meters.set(key, meter)
    }
    return meter
  }

  #everything(): Meter {
    let meter = this.#shared.get(PAUSE)
    if (meter === undefined) {
      meter = new Meter({ type: 'token_bucket', scope: 'ip', max: 1, refillPerSecond: 1 }, 0)
      this.#shared.set(PAUSE, meter)
    }
    return meter
  }
}

export const keyOf = (charge: { bucket: string; per?: string }): string =>
  charge.per === undefined ? charge.bucket : `${charge.bucket} ${charge.per}`
