import { assert, type Decider, type Micros, refuse } from '../../kernel/index.ts'

export interface BreakerSettings {
  /** Failures one after another that open it. */
  readonly consecutiveMax: number
  /** Or this share of the last calls, of which there are at least `callsMin`. */
  readonly failureShareMax: number
  readonly callsMin: number
  /** Calls that are looked at. */
  readonly callsMax: number
  /** How long it stays open before it lets probes through; doubled with every probe that fails, up to `openMax`. */
  readonly open: Micros
  readonly openMax: Micros
  /** Probes that go through at once, and that have to succeed. */
  readonly probes: number
}

/**
 * Cancels keep being tried for longest, since an order that cannot be cancelled is the worst that can happen; a venue that
 * does not answer orders soon gets no more.
 */
export const BREAKER_SETTINGS: Readonly<Record<'order' | 'cancel' | 'query', BreakerSettings>> = {
  order: {
    consecutiveMax: 3,
    failureShareMax: 0.5,
    callsMin: 10,
    callsMax: 20,
    open: 5_000_000,
    openMax: 60_000_000,
    probes: 1,
  },
  cancel: {
    consecutiveMax: 10,
    failureShareMax: 0.8,
    callsMin: 20,
    callsMax: 40,
    open: 1_000_000,
    openMax: 5_000_000,
    probes: 2,
  },
  query: {
    consecutiveMax: 5,
    failureShareMax: 0.5,
    callsMin: 10,
    callsMax: 40,
    open: 5_000_000,
    openMax: 60_000_000,
    probes: 2,
  },
}

export type BreakerState =
  | { readonly state: 'closed'; readonly calls: readonly boolean[]; readonly openedBefore: number }
  | { readonly state: 'open'; readonly until: Micros; readonly openedBefore: number }
  | {
      readonly state: 'half_open'
      readonly since: Micros
      /** Probes on their way, and those that came back well. */
      readonly pending: number
      readonly succeeded: number
      readonly openedBefore: number
    }

export type BreakerCommand =
  /** May a call go now? */
  | { readonly type: 'call'; readonly at: Micros }
  /** A call that was let go has come back; `isGood` unless the venue failed. A refusal of the venue's is good: it answered. */
  | { readonly type: 'settle'; readonly at: Micros; readonly calledAt: Micros; readonly isGood: boolean }

type Settle = Extract<BreakerCommand, { type: 'settle' }>

/** Those whose name begins with `venue.` are stored; the others only count. */
export type BreakerEvent =
  | { readonly type: 'called' }
  | { readonly type: 'settled'; readonly isGood: boolean }
  | {
      readonly type: 'venue.breaker_opened'
      readonly at: Micros
      readonly until: Micros
      readonly failures: number
      readonly calls: number
    }
  | { readonly type: 'venue.breaker_half_opened'; readonly at: Micros }
  | { readonly type: 'venue.breaker_closed'; readonly at: Micros }

/**
 * A breaker as a decision: closed, it counts; open, it refuses with the time to wait; half open, it lets a few probes through
 * and closes or opens by what becomes of them. It has no clock: a call or an answer brings its time.
 */
export function breakerDecider(settings: BreakerSettings): Decider<BreakerState, BreakerCommand, BreakerEvent> {
  assert(settings.callsMin <= settings.callsMax && settings.probes > 0, 'a breaker can open and close')
  const closed = (openedBefore: number): BreakerState => ({ state: 'closed', calls: [], openedBefore })

  const opened = (at: Micros, openedBefore: number, failures: number, calls: number): BreakerEvent => ({
    type: 'venue.breaker_opened',
    at,
    until: at + Math.min(settings.openMax, settings.open * 2 ** Math.min(openedBefore, 20)),
    failures,
    calls,
  })

  const decideSettled = (breaker: BreakerState, { at, calledAt, isGood }: Settle): BreakerEvent[] => {
    const settled: BreakerEvent = { type: 'settled', isGood }
    // Whatever was under way when it opened says nothing of now.
    if (breaker.state === 'open' || (breaker.state === 'half_open' && calledAt < breaker.since)) return []
    if (breaker.state === 'half_open') {
      if (!isGood) return [settled, opened(at, breaker.openedBefore, 1, 1)]
      return breaker.succeeded + 1 >= settings.probes ? [settled, { type: 'venue.breaker_closed', at }] : [settled]
    }
    if (isGood) return [settled]
    const calls = [...breaker.calls, false].slice(-settings.callsMax)
    const failures = calls.filter(good => !good).length
    const isLong = calls.length >= settings.consecutiveMax && calls.slice(-settings.consecutiveMax).every(good => !good)
    const isMany = calls.length >= settings.callsMin && failures / calls.length >= settings.failureShareMax
    return isLong || isMany ? [settled, opened(at, breaker.openedBefore, failures, calls.length)] : [settled]
  }

  return {
    initial: closed(0),

    decide(breaker, command) {
      if (command.type === 'settle') return decideSettled(breaker, command)
      if (breaker.state === 'closed') return [{ type: 'called' }]
      if (breaker.state === 'open') {
        if (command.at < breaker.until) return refuse('venue.breaker_open', { until: breaker.until })
        return [{ type: 'venue.breaker_half_opened', at: command.at }, { type: 'called' }]
      }
      if (breaker.pending + breaker.succeeded < settings.probes) return [{ type: 'called' }]
      return refuse('venue.breaker_open', { until: command.at })
    },

    evolve(breaker, event) {
      switch (event.type) {
        case 'venue.breaker_opened':
          return { state: 'open', until: event.until, openedBefore: breaker.openedBefore + 1 }
        case 'venue.breaker_half_opened':
          return { state: 'half_open', since: event.at, pending: 0, succeeded: 0, openedBefore: breaker.openedBefore }
        case 'venue.breaker_closed':
          return closed(0)
        case 'called':
          return breaker.state === 'half_open' ? { ...breaker, pending: breaker.pending + 1 } : breaker
        case 'settled':
          if (breaker.state === 'closed')
            return { ...breaker, calls: [...breaker.calls, event.isGood].slice(-settings.callsMax) }
          if (breaker.state === 'half_open' && event.isGood)
            return { ...breaker, pending: Math.max(0, breaker.pending - 1), succeeded: breaker.succeeded + 1 }
          return breaker
      }
    },
  }
}
