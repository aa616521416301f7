import { AppError, assert, type Clock, MICROS_PER_DAY, type Timer, type Timers } from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import { createPool } from '../database/pool.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Delivery } from './delivery.ts'
import { BEGINNING, type Checkpoint, createLogReader } from './log-reader.ts'
import { isFeed, type Subscription } from './subscription.ts'
import type { DeadLetterTable } from './tables.ts'

const POLL_MS = 250
const ATTEMPTS_MAX = 5
const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 10_000
const SUBSCRIPTIONS_MAX = 100
const CONNECTIONS_MAX = 3
const PARTITION_MONTHS_AHEAD = 3
const DEAD_LETTERS_READ_MAX = 500

export interface DispatcherOptions {
  readonly db: Database
  /** URL of the role `dispatcher`; see `roleUrl`. */
  readonly url: string
  readonly subscriptions: readonly Subscription[]
  readonly timers: Timers
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics
  readonly pollMs?: number
  readonly attemptsMax?: number
}

export interface DispatcherStatus {
  readonly dispatched: number
  /** Positions that the slowest subscription is behind. */
  readonly lag: number
  readonly deadLetters: number
  readonly subscriptions: readonly { name: string; dispatched: number; lag: number; deadLettered: number }[]
}

/** Carries events from the log to the subscriptions, in order, each at its own pace. */
export interface Dispatcher {
  /** Settles every subscription's place, then delivers by itself: after each `kick` and on a poll. */
  start(): Promise<void>
  /** Something was committed: deliver now rather than at the next poll. */
  kick(): void
  /** Delivers what there is and waits for it; gives how many deliveries were made. For tests and tools. */
  drain(): Promise<number>
  /** Lets running transactions finish, then closes its connections. Idempotent. */
  stop(): Promise<void>
  status(): Promise<DispatcherStatus>
  /** Delivers a subscription's events again from `from` on, by default all. */
  replay(name: string, from?: Checkpoint): Promise<void>
  deadLetters(limit?: number): Promise<DeadLetterTable[]>
  /** Handles a dead letter again; on success it is gone, otherwise the failure is thrown and it stays. */
  replayDeadLetter(subscription: string, position: number): Promise<void>
}

/** @example createDispatcher({ db, url: roleUrl(ownerUrl, 'dispatcher'), subscriptions, timers, clock, log }) */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, clock, timers, log, subscriptions } = options
  assert(subscriptions.length <= SUBSCRIPTIONS_MAX, `at most ${SUBSCRIPTIONS_MAX} subscriptions`)
  assert(
    new Set(subscriptions.map(entry => entry.name)).size === subscriptions.length,
    'subscriptions have different names',
  )
  const pool = createPool({ url: options.url, connectionsMax: CONNECTIONS_MAX, log, name: 'dispatcher' })
  const reader = createLogReader(pool)
  const backoffMs = (attempt: number) => Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1))
  const attemptsMax = options.attemptsMax ?? ATTEMPTS_MAX
  const counter = options.metrics?.counter('bourse_events_dispatched_total', 'Events delivered to subscriptions', [
    'subscription',
  ] as const)
  const delivered = (subscription: string, count: number) => counter?.inc({ subscription }, count)
  const runners = subscriptions.map(entry =>
    runnerOf(new Delivery(entry, { db, reader, timers, clock, log, attemptsMax, backoffMs, delivered }), log),
  )
  const lag = () => runners.reduce((most, { delivery }) => Math.max(most, delivery.lag), 0)
  options.metrics?.gauge('bourse_dispatch_lag_positions', 'How far the slowest subscription is behind', {
    collect: lag,
  })
  options.metrics?.gauge('bourse_dead_letters', 'Events that a subscription could not handle', {
    collect: () => reader.deadLetterCount(),
  })
  const ticking: Timer[] = []
  let stopped: Promise<void> | undefined

  const runnerNamed = (name: string) => {
    const runner = runners.find(entry => entry.delivery.subscription.name === name)
    if (!runner)
      throw new AppError('resource.not_found', { field: 'subscription', rule: `there is none named ${name}` })
    return runner
  }
  const kick = () => {
    if (!stopped) for (const runner of runners) runner.kick()
  }

  return {
    async start() {
      await reader.partitionsAhead(clock.now(), PARTITION_MONTHS_AHEAD)
      for (const { delivery } of runners) await delivery.open()
      ticking.push(timers.every(options.pollMs ?? POLL_MS, kick))
      const dayMs = MICROS_PER_DAY / 1_000
      ticking.push(
        timers.every(dayMs, async () => {
          await reader
            .partitionsAhead(clock.now(), PARTITION_MONTHS_AHEAD)
            .catch(error => log.warn({ error }, 'partitions of the coming months were not created'))
        }),
      )
      kick()
    },
    kick,
    async drain() {
      const counts = await Promise.all(runners.map(runner => runner.drain()))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    stop() {
      stopped ??= (async () => {
        for (const timer of ticking) timer.cancel()
        for (const { delivery } of runners) delivery.stop()
        await Promise.all(runners.map(runner => runner.settled()))
        await pool.end()
      })()
      return stopped
    },
    async status() {
      const rows = runners.map(({ delivery }) => ({
        name: delivery.subscription.name,
        dispatched: delivery.dispatched,
        lag: delivery.lag,
        deadLettered: delivery.deadLettered,
      }))
      return {
        dispatched: rows.reduce((sum, row) => sum + row.dispatched, 0),
        lag: lag(),
        deadLetters: await reader.deadLetterCount(),
        subscriptions: rows,
      }
    },
    async replay(name, from = BEGINNING) {
      const runner = runnerNamed(name)
      await runner.exclusively(async () => {
        await reader.rewind(name, from)
        runner.delivery.forgetPlace()
      })
      kick()
    },
    deadLetters: (limit = DEAD_LETTERS_READ_MAX) => reader.deadLetters(Math.min(limit, DEAD_LETTERS_READ_MAX)),
    async replayDeadLetter(name, position) {
      const { subscription } = runnerNamed(name).delivery
      const [letter] = await reader.deadLetters(1, name, position)
      const event = letter && (await reader.event(letter.xid, position))
      if (!event) throw new AppError('resource.not_found', { field: 'position', rule: 'names no dead letter' })
      await db.tenant(event.tenant, async tx => {
        await tx.deleteFrom('dead_letter').where('subscription', '=', name).where('position', '=', position).execute()
        await (isFeed(subscription) ? subscription.feed([event]) : subscription.handle(event, tx))
      })
    },
  }
}

/** Runs one delivery at a time; a kick that comes meanwhile runs it once more. */
function runnerOf(delivery: Delivery, log: Log) {
  let tail: Promise<unknown> = Promise.resolve()
  let isQueued = false
  let isFailing = false
  const exclusively = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = tail.then(run)
    tail = turn.catch(() => {})
    return turn
  }
  return {
    delivery,
    exclusively,
    drain: () => exclusively(() => delivery.drain()),
    settled: () => tail,
    kick() {
      if (isQueued) return
      isQueued = true
      exclusively(() => {
        isQueued = false
        return delivery.drain()
      }).then(
        () => {
          isFailing = false
        },
        error => {
          // Said once for an outage, not at every poll of it.
          if (!isFailing)
            log.warn({ subscription: delivery.subscription.name, error }, 'delivery stopped; it goes on when it can')
          isFailing = true
        },
      )
    },
  }
}
