import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { openDatabase } from '../src/apps/open-database.ts'
import { lotsFromFloat, MICROS_PER_MS, type Micros, type RunId, type TenantId } from '../src/kernel/index.ts'
import {
  createSupervisor,
  eventTypes,
  loadConfig,
  monotonicMs,
  silentLog,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
} from '../src/platform/index.ts'
import {
  databaseJournal,
  databaseReconciliation,
  defineStrategy,
  memoryLatch,
  Trader,
  tradingEvents,
  VenueDesk,
} from '../src/trading/index.ts'
import { ConnectedVenue, nodeTransport, venueKey } from '../src/venues/index.ts'
import type { Figure } from './report.ts'

/**
 * From a strategy's decision to the last byte of the order on the socket: risk, the intent committed in PostgreSQL, the
 * queue of the venue's limits, the signature, the request. Against a simulated Binance in a process of its own, whose book
 * and orders are streamed meanwhile. The floor is the commit alone, of the same orders.
 */
const ORDERS = 300
/** The first ones load and compile. */
const WARM = 20
/** Binance takes ten a second. */
const EVERY: Micros = 115 * MICROS_PER_MS
const WITHIN_MS = 300_000
const VENUE = 'binance'

export async function run(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-orders-'))
  const log = silentLog
  const timers = systemTimers(error => {
    throw error
  })
  const [clock, ids, supervisor] = [systemClock(), systemIds(), createSupervisor({ log, timers })]
  const config = loadConfig({ BOURSE_DATA: dataDir })
  const tenant = ids.next() as TenantId
  const simulated = await simulate()
  supervisor.onStop('simulator', () => simulated.end())
  try {
    const { db } = await openDatabase({ config, dataDir, supervisor, log })
    const types = eventTypes(tradingEvents)
    const taken = measured()
    supervisor.onStop('measuring', () => taken.end())
    const commits: number[] = []
    const trader: Trader = new Trader({
      journal: databaseJournal({ db, tenant, ids, types }),
      strategies: name => (name === taken.strategy.name ? taken.strategy : undefined),
      latch: memoryLatch(),
      clock,
      timers,
      log,
      elapsedMs: monotonicMs,
      onCommitted: ms => commits.push(ms),
      send: effect => desk.send(effect),
      cancel: effect => desk.cancel(effect),
      onStart: () => desk.adopt(),
    })
    const transport = nodeTransport(timers)
    supervisor.onStop('connections', () => transport.close())
    const instruments = [`${VENUE}:XRP/USDT`] as never
    const venue = new ConnectedVenue({
      venue: VENUE,
      mode: 'simulated',
      isTestnet: false,
      mayTrade: true,
      endpoint: simulated.endpoint,
      key: venueKey(simulated.credentials),
      instruments,
      transport,
      clock,
      timers,
      random: systemRandom(),
      log,
    })
    const desk: VenueDesk = new VenueDesk({
      venues: [venue],
      instruments: new Map([[VENUE, instruments]]),
      trader: () => trader,
      journal: databaseReconciliation({ db, tenant, ids, types }),
      onMarket: () => {},
      clock,
      timers,
      ids,
      log,
    })
    supervisor.onStop('venue', () => desk.close())
    const listed = await venue.venue.instruments()
    venue.start(listed)
    await trader.start()
    supervisor.onStop('node', () => trader.stop())
    const instrument = listed.find(({ pair }) => pair === 'XRP/USDT')!
    await trader.startRun({
      id: ids.next() as RunId,
      tenant,
      name: 'orders',
      strategy: taken.strategy.name,
      instrument,
      interval: 60_000 * MICROS_PER_MS,
      parameters: {},
      allocation: '100000',
      paper: null,
      mode: 'live',
      seed: 'orders',
    })
    desk.open()
    desk.tell(instrument.id)
    await taken.done
    const floorValue = p99(commits)
    return [
      {
        metric: 'decisionToWireP99Ms',
        value: p99(taken.latencies),
        unit: 'ms',
        lessIsBetter: true,
        goal: 10,
        floor: 'the commit',
        floorValue,
      },
      { metric: 'decisionToWireMedianMs', value: median(taken.latencies), unit: 'ms', lessIsBetter: true },
    ]
  } finally {
    await supervisor.stop('the bench is over')
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** A strategy that sends one order at a time, far from the market, and the time until each is on the socket. */
function measured() {
  const latencies: number[] = []
  let decidedAt: number | null = null
  let sent = 0
  let finish: () => void
  let fail: (error: Error) => void
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  const late = setTimeout(() => fail(new Error(`only ${sent} orders were sent in time`)), WITHIN_MS)
  const onSent = (message: unknown): void => {
    const { request } = message as { request: { method: string; path: string } }
    if (request.method !== 'POST' || !request.path.endsWith('/order') || decidedAt === null) return
    sent += 1
    if (sent > WARM) latencies.push(performance.now() - decidedAt)
    decidedAt = null
    if (sent === WARM + ORDERS) finish()
  }
  subscribe('undici:request:bodySent', onSent)
  const strategy = defineStrategy({
    name: 'one-at-a-time',
    title: 'One at a time',
    description: 'For the bench.',
    parameters: z.strictObject({}),
    warmup: () => 0,
    indicators: () => ({}),
    feed() {},
    memory: (): string | null => null,
    onBook(_, context) {
      if (context.state !== null) return
      context.state = 'begun'
      context.setTimer('act', context.now)
    },
    onTimer(_, context) {
      context.setTimer('act', context.now + EVERY)
      const { lastPrice, instrument } = context
      if (lastPrice === null || decidedAt !== null || context.openOrders.length > 0) return
      const price = Math.floor(lastPrice * 0.97)
      const quantity = lotsFromFloat(instrument, 20)
      decidedAt = performance.now()
      const order = context.place({ side: 'buy', quantity, type: 'limit', timeInForce: 'ioc', price, reason: 'bench' })
      if (typeof order !== 'string') decidedAt = null
    },
  })
  return {
    strategy,
    latencies,
    done,
    end: () => {
      clearTimeout(late)
      unsubscribe('undici:request:bodySent', onSent)
    },
  }
}

async function simulate() {
  const bin = resolve(import.meta.dirname, '../bin/bourse.mjs')
  const child = spawn(process.execPath, [bin, 'simulate', VENUE, '--seed', 'orders', '--with-parent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    const { rest, ws, ...more } = JSON.parse(line)
    return {
      endpoint: { rest, ws },
      credentials: { apiKey: more.apiKey, secret: more.secret },
      end: () => {
        child.stdin!.end()
      },
    }
  }
  throw new Error('the simulator ended before it said where it is')
}

const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!
const median = (values: readonly number[]): number => at(values, 0.5)
const p99 = (values: readonly number[]): number => at(values, 0.99)
