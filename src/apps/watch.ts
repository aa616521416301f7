import { AppError, type Clock, MICROS_PER_SECOND, type TenantId, type Timers } from '../kernel/index.ts'
import type { MarketDisplay } from '../market/index.ts'
import { type Durations, marketVerdict, SystemHealth, type SystemHealthView } from '../operations/index.ts'
import {
  type Database,
  type Dispatcher,
  eventLoopDelay,
  type HealthCheck,
  type Metrics,
  type SocketHub,
  type Supervisor,
} from '../platform/index.ts'
import type { Trader } from '../trading/index.ts'

const LOOK_MS = 1_000
/** Beyond these the health page calls a part degraded. */
const DISPATCH_LAG_MAX = 1_000
const LOOP_DELAY_MS_MAX = 100

export interface Watched {
  readonly clock: Clock
  readonly timers: Timers
  readonly db: Database
  readonly display: MarketDisplay
  readonly trader: Trader
  readonly dispatcher: Dispatcher
  readonly decisions: Durations
  readonly commits: Durations
  readonly hub: SocketHub
}

/** What the process needs to do its work: the database, and a node that trades. */
export const readinessChecks = ({ db, trader }: Pick<Watched, 'db' | 'trader'>): HealthCheck[] => [
  { name: 'database', check: () => db.ping() },
  {
    name: 'node',
    async check() {
      if (trader.state !== 'running') throw new AppError('node.unavailable')
    },
  },
]

/** Looks at every part each second, and shows what it sees to pages. */
export function offerHealth(watched: Watched, tenant: TenantId, supervisor: Supervisor): SystemHealth {
  const { clock, timers, db, display, trader, dispatcher, hub } = watched
  const loop = eventLoopDelay()
  let loopMs = 0
  const figures = figuresOf(watched, () => loopMs)
  const health = new SystemHealth({
    clock,
    figures,
    sources: {
      async database() {
        await db.ping()
        return { state: 'ok', detail: 'It answers.' }
      },
      market: () => marketVerdict(display.lastAt, clock.now()),
      node() {
        const runs = [...trader.runs.values()].filter(run => run.status === 'running').length
        if (trader.state === 'running') return { state: 'ok', detail: `${runs} runs at work.` }
        return trader.state === 'halted'
          ? { state: 'down', detail: 'A commit failed; it starts again when the database answers.' }
          : { state: 'degraded', detail: 'It has not started yet.' }
      },
      async dispatcher() {
        const { lag, deadLetters } = await dispatcher.status()
        if (deadLetters > 0) return { state: 'degraded', detail: `${deadLetters} events could not be handled.` }
        if (lag > DISPATCH_LAG_MAX) return { state: 'degraded', detail: `${lag} events behind.` }
        return { state: 'ok', detail: 'Events are carried as they come.' }
      },
      event_loop() {
        loopMs = loop.p99Ms()
        return { state: loopMs > LOOP_DELAY_MS_MAX ? 'degraded' : 'ok', detail: `Delay p99 ${loopMs.toFixed(1)} ms.` }
      },
    },
  })
  hub.offer({
    match: topic => topic === 'health',
    permission: 'health:read',
    kind: 'state',
    snapshot: () => health.view(),
  })
  const looking = timers.every(LOOK_MS, async () => hub.publish(tenant, 'health', await health.look()))
  supervisor.onStop('health', () => looking.cancel())
  return health
}

function figuresOf(watched: Watched, eventLoopP99Ms: () => number) {
  const { clock, trader, dispatcher, decisions, commits, hub } = watched
  const startedAt = clock.now()
  let before = { at: startedAt, count: 0 }
  return async (): Promise<SystemHealthView['figures']> => {
    const now = clock.now()
    const inputsPerSecond = ((decisions.count - before.count) * MICROS_PER_SECOND) / Math.max(1, now - before.at)
    before = { at: now, count: decisions.count }
    const events = trader.state === 'running' ? await dispatcher.status().catch(() => null) : null
    return {
      uptimeSeconds: Math.round((now - startedAt) / MICROS_PER_SECOND),
      eventsDispatched: events?.dispatched ?? 0,
      dispatchLag: events?.lag ?? 0,
      deadLetters: events?.deadLetters ?? 0,
      inputsPerSecond: Math.round(inputsPerSecond),
      decisionP99Ms: decisions.percentile(0.99),
      commitP99Ms: commits.percentile(0.99),
      eventLoopP99Ms: eventLoopP99Ms(),
      heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
      sockets: hub.connectionCount(),
    }
  }
}

/** What Prometheus is told beside the process's own figures. */
export function tradingMetrics(
  metrics: Metrics,
  { trader, dispatcher, decisions, commits, hub, display, clock }: Watched,
): void {
  const gauge = (name: string, help: string, collect: () => number | Promise<number>) =>
    metrics.gauge(`bourse_${name}`, help, { collect })
  gauge('node_running', '1 while the node trades', () => (trader.state === 'running' ? 1 : 0))
  gauge('runs_running', 'Runs at work', () => [...trader.runs.values()].filter(run => run.status === 'running').length)
  gauge('orders_open', 'Open orders', () => [...trader.runs.values()].reduce((sum, run) => sum + run.openOrderCount, 0))
  gauge('node_inputs', 'Inputs handled since the start', () => decisions.count)
  gauge(
    'decision_p99_seconds',
    'From input to decision, 99th percentile of the last 1,000',
    () => (decisions.percentile(0.99) ?? 0) / 1_000,
  )
  gauge(
    'commit_p99_seconds',
    'Commit of a batch, 99th percentile of the last 1,000',
    () => (commits.percentile(0.99) ?? 0) / 1_000,
  )
  gauge(
    'market_age_seconds',
    'Since the market last said anything',
    () => (clock.now() - display.lastAt) / MICROS_PER_SECOND,
  )
  gauge('sockets_open', 'WebSocket connections', () => hub.connectionCount())
  gauge(
    'dispatch_lag_events',
    'Events that the slowest subscription is behind',
    async () => (await dispatcher.status()).lag,
  )
  gauge('dead_letters', 'Events that could not be handled', async () => (await dispatcher.status()).deadLetters)
}
