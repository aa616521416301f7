import { AppError, accepted, type Clock, fold, isRefusal, MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import type { RequestKind } from '../rates/index.ts'
import { BREAKER_SETTINGS, type BreakerEvent, type BreakerState, breakerDecider } from './breaker.ts'
import { type CallFigures, type CallResult, CallWindow } from './calls.ts'
import { type Health, type HealthInput, scoreOf } from './score.ts'
import { type ClockReading, ClockSkew } from './skew.ts'

const KINDS = ['order', 'cancel', 'query'] as const
const DECIDERS = {
  order: breakerDecider(BREAKER_SETTINGS.order),
  cancel: breakerDecider(BREAKER_SETTINGS.cancel),
  query: breakerDecider(BREAKER_SETTINGS.query),
}

/** A change of a breaker that is worth keeping; see `venueEvents`. */
export type BreakerChange = Exclude<BreakerEvent, { type: 'called' | 'settled' }>

export interface VenueMonitorOptions {
  readonly venue: string
  readonly clock: Clock
  readonly onBreaker: (kind: RequestKind, change: BreakerChange) => void
  readonly onCall?: (kind: RequestKind, result: CallResult, lastedMs: number) => void
}

/** Watches the calls to one venue: how long they take, whether they fail, and whether any more should be made. */
export class VenueMonitor {
  readonly skew = new ClockSkew()
  readonly #options: VenueMonitorOptions
  readonly #calls = { order: new CallWindow(), cancel: new CallWindow(), query: new CallWindow() }
  readonly #breakers: Record<RequestKind, BreakerState> = {
    order: DECIDERS.order.initial,
    cancel: DECIDERS.cancel.initial,
    query: DECIDERS.query.initial,
  }

  constructor(options: VenueMonitorOptions) {
    this.#options = options
  }

  /**
   * Makes one call and takes down what came of it.
   * @throws AppError `venue.breaker_open`, with nothing sent; or whatever `send` throws
   */
  async call<T extends { readonly result: CallResult }>(kind: RequestKind, send: () => Promise<T>): Promise<T> {
    const { clock } = this.#options
    const calledAt = clock.now()
    this.#letGo(kind, calledAt)
    let result: CallResult = 'failed'
    try {
      const answer = await send()
      result = answer.result
      return answer
    } finally {
      const at = clock.now()
      this.#calls[kind].add(at, at - calledAt, result)
      this.#options.onCall?.(kind, result, (at - calledAt) / MICROS_PER_MS)
      this.#decide(kind, { type: 'settle', at, calledAt, isGood: result !== 'failed' })
    }
  }

  /** Asks for the venue's time and learns from the answer how far its clock is from ours. */
  async measureClock(serverTime: () => Promise<ClockReading>): Promise<void> {
    const { sentAt, server, receivedAt } = await serverTime()
    this.skew.sample(sentAt, server, receivedAt)
  }

  breaker(kind: RequestKind): BreakerState['state'] {
    return this.#breakers[kind].state
  }

  /** Of the last minutes. */
  figures(kind: RequestKind): CallFigures {
    return this.#calls[kind].figures(this.#options.clock.now())
  }

  health(watched: Pick<HealthInput, 'books' | 'heartbeat'>): Health {
    const now = this.#options.clock.now()
    return scoreOf({
      now,
      ...watched,
      calls: {
        order: this.#calls.order.figures(now),
        cancel: this.#calls.cancel.figures(now),
        query: this.#calls.query.figures(now),
      },
      skew: this.skew.read(now),
      breakersOpen: KINDS.filter(kind => this.#breakers[kind].state === 'open'),
    })
  }

  #letGo(kind: RequestKind, at: Micros): void {
    const decision = this.#decide(kind, { type: 'call', at })
    if (decision === null) return
    const waitMs = Math.ceil((decision - at) / MICROS_PER_MS)
    throw new AppError('venue.breaker_open', {
      field: `${this.#options.venue} ${kind}`,
      rule: waitMs > 0 ? `tried again in ${waitMs} ms` : 'a trial call is under way',
      waitMs,
    })
  }

  /** Null, or until when a call has to wait. */
  #decide(kind: RequestKind, command: Parameters<typeof DECIDERS.order.decide>[1]): Micros | null {
    const decision = DECIDERS[kind].decide(this.#breakers[kind], command)
    if (isRefusal(decision)) return Number(decision.details.until)
    const events = accepted(decision)
    this.#breakers[kind] = fold(DECIDERS[kind], events, this.#breakers[kind])
    for (const event of events)
      if (event.type !== 'called' && event.type !== 'settled') this.#options.onBreaker(kind, event)
    return null
  }
}
