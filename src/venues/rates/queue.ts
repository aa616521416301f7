import { AppError, type Clock, MICROS_PER_MS, type Micros, type Timer, type Timers } from '../../kernel/index.ts'
import type { HttpResponse } from '../port/index.ts'
import { keyOf, type RateBudget } from './budget.ts'
import type { Charge, RateRequest, RequestKind } from './rules.ts'

/** Requests that wait at most, and what of that is left to cancels. */
const WAITING_MAX = 2_000
const WAITING_FOR_CANCELS = 500
/**
 * How long a request may wait before it is refused instead. It has not been sent then: that much is certain. An order waits
 * less than it is valid for at the venue.
 */
const WAIT_MAX_MS: Readonly<Record<RequestKind, number>> = { cancel: 60_000, order: 3_000, query: 15_000 }

const BY_URGENCY: readonly RequestKind[] = ['cancel', 'order', 'query']

interface Waiting {
  readonly request: RateRequest
  readonly charges: readonly Charge[]
  readonly deadline: Micros
  go(): void
  refuse(error: AppError): void
}

export interface RateQueueOptions {
  readonly budget: RateBudget
  readonly clock: Clock
  readonly timers: Timers
  readonly waitMaxMs?: Readonly<Record<RequestKind, number>>
}

/**
 * The one way out to a venue with one key. Cancels overtake orders, orders overtake queries; within a kind the first comes
 * first, but for those that wait for a bucket of their own. Nothing leaves that the budget does not allow.
 */
export class RateQueue {
  readonly #budget: RateBudget
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #waitMaxMs: Readonly<Record<RequestKind, number>>
  readonly #waiting: Record<RequestKind, Waiting[]> = { cancel: [], order: [], query: [] }
  #timer: Timer | null = null
  #isClosed = false

  constructor(options: RateQueueOptions) {
    this.#budget = options.budget
    this.#clock = options.clock
    this.#timers = options.timers
    this.#waitMaxMs = options.waitMaxMs ?? WAIT_MAX_MS
  }

  get waiting(): number {
    return BY_URGENCY.reduce((sum, kind) => sum + this.#waiting[kind].length, 0)
  }

  /**
   * Sends when the venue's limits allow it and gives the answer.
   * @throws AppError `venue.rate_limited` when it would leave too late, or too many wait; nothing was sent then.
   */
  async send(request: RateRequest, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const { kind } = request
    if (this.#isClosed) throw this.#refusal(request, { rule: 'the connection to the venue is closed' })
    const max = kind === 'cancel' ? WAITING_MAX : WAITING_MAX - WAITING_FOR_CANCELS
    if (this.waiting >= max) throw this.#refusal(request, { rule: `at most ${max} requests wait` })
    const now = this.#clock.now()
    const charges = this.#budget.charges(request, now)
    const waitMs = this.#expectedWaitMs(charges, kind, now)
    if (waitMs > this.#waitMaxMs[kind]) throw this.#tooLate(request, waitMs)
    return new Promise<HttpResponse>((resolve, reject) => {
      this.#waiting[kind].push({
        request,
        charges,
        deadline: now + this.#waitMaxMs[kind] * MICROS_PER_MS,
        // Sent in the very moment that it was counted for.
        go: () => void this.#carryOut(request, charges, send).then(resolve, reject),
        refuse: reject,
      })
      this.#pump()
    })
  }

  /** Refuses everything that waits, and whatever comes. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    for (const kind of BY_URGENCY)
      for (const entry of this.#waiting[kind].splice(0))
        entry.refuse(this.#refusal(entry.request, { rule: 'the connection to the venue was closed' }))
  }

  async #carryOut(
    request: RateRequest,
    charges: readonly Charge[],
    send: () => Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    const sentAt = this.#clock.now()
    try {
      const response = await send()
      this.#budget.hear(request, charges, response, this.#clock.now(), sentAt)
      return response
    } finally {
      this.#pump()
    }
  }

  /** With everything that is as urgent or more so in front of it. */
  #expectedWaitMs(charges: readonly Charge[], kind: RequestKind, now: Micros): number {
    const ahead = new Map<string, number>()
    for (const urgency of BY_URGENCY.slice(0, BY_URGENCY.indexOf(kind) + 1))
      for (const entry of this.#waiting[urgency])
        for (const charge of entry.charges) ahead.set(keyOf(charge), (ahead.get(keyOf(charge)) ?? 0) + charge.cost)
    return this.#budget.wait(charges, kind, now, key => ahead.get(key) ?? 0).waitMs
  }

  #pump(): void {
    const now = this.#clock.now()
    this.#timer?.cancel()
    this.#timer = null
    let soonestMs = Number.POSITIVE_INFINITY
    const going: Waiting[] = []
    /** What somebody in front waits for: who comes after takes nothing of it. */
    const blocked = new Set<string>()
    for (const kind of BY_URGENCY) {
      const staying: Waiting[] = []
      for (const entry of this.#waiting[kind]) {
        const isBehind = entry.charges.some(charge => blocked.has(keyOf(charge)))
        const isLate = now >= entry.deadline
        const wait = isBehind && !isLate ? null : this.#budget.wait(entry.charges, kind, now)
        if (!isBehind && wait!.waitMs === 0) {
          this.#budget.take(entry.charges, now)
          going.push(entry)
        } else if (isLate) entry.refuse(this.#tooLate(entry.request, wait!.waitMs))
        else {
          for (const key of wait?.blocked ?? []) blocked.add(key)
          const deadlineMs = (entry.deadline - now) / MICROS_PER_MS
          soonestMs = Math.min(soonestMs, deadlineMs, wait?.waitMs ?? deadlineMs)
          staying.push(entry)
        }
      }
      this.#waiting[kind] = staying
    }
    if (Number.isFinite(soonestMs) && !this.#isClosed)
      this.#timer = this.#timers.after(Math.max(1, Math.ceil(soonestMs)), () => this.#pump())
    for (const entry of going) entry.go()
  }

  #tooLate(request: RateRequest, waitMs: number): AppError {
    const most = this.#waitMaxMs[request.kind]
    return this.#refusal(request, {
      rule: `a ${request.kind} waits ${most} ms at most; the venue's limits ask for ${Math.ceil(waitMs)} ms`,
      waitMs: Math.ceil(waitMs),
    })
  }

  #refusal(request: RateRequest, details: { rule: string; waitMs?: number }): AppError {
    const { venue } = this.#budget.rates
    return new AppError('venue.rate_limited', { field: `${request.method} ${request.path}`, venue, ...details })
  }
}
