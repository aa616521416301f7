import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createLivingMarket } from '../simulators/market/index.ts'
import { DEMO_PRINCIPAL, DEMO_RUNS, DEMO_TENANT, seedDemo } from '../src/apps/demo.ts'
import { openDatabase } from '../src/apps/open-database.ts'
import { offerHealth } from '../src/apps/watch.ts'
import {
  AppError,
  type InstrumentId,
  type MarketInput,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  type Micros,
} from '../src/kernel/index.ts'
import {
  createCatalogue,
  DEMO_INSTRUMENTS,
  MarketDisplay,
  marketRoutes,
  offerMarketTopics,
} from '../src/market/index.ts'
import { Durations, operationsRoutes } from '../src/operations/index.ts'
import {
  auditEventTypes,
  createAuditWriter,
  createDispatcher,
  createHttpServer,
  createLog,
  createMetrics,
  createSocketHub,
  createSupervisor,
  createTokens,
  eventTypes,
  loadConfig,
  monotonicMs,
  roleUrl,
  signingKeyIn,
  systemClock,
  systemIds,
  systemTimers,
} from '../src/platform/index.ts'
import { BUILT_IN } from '../src/strategies/index.ts'
import {
  databaseJournal,
  fileLatch,
  offerTradingTopics,
  Trader,
  Trading,
  tradingEvents,
  tradingFeed,
  tradingRoutes,
} from '../src/trading/index.ts'
import { PaperSettings } from '../src/venues/index.ts'

/** The process that serves the pages of the bench: all of the product, at a market that moves a fixed number of times a second. */
const TICK_MS = 50
/** The pages that are measured show no venue. */
const noVenues = (): never => {
  throw new AppError('node.unavailable')
}
/** Simulated time of one tick: enough for the book to change and somebody to trade in nearly every one. */
const TICK_OF_MARKET: Micros = 1_000 * MICROS_PER_MS
const PAST: Micros = 3 * MICROS_PER_HOUR

/** What the bench tells this process. */
export type Order = 'move' | 'rest' | 'end'

async function serve(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-pages-'))
  const config = loadConfig({ BOURSE_DEMO: 'true', BOURSE_PORT: '0', BOURSE_METRICS_PORT: '0', BOURSE_DATA: dataDir })
  const log = createLog({ level: 'silent' })
  const timers = systemTimers(error => {
    throw error
  })
  const supervisor = createSupervisor({ log, timers })
  const [clock, ids, metrics] = [systemClock(), systemIds(), createMetrics()]
  const { ownerUrl, db } = await openDatabase({ config, dataDir, supervisor, log })
  const types = eventTypes([...tradingEvents, ...auditEventTypes])
  const audit = createAuditWriter({ db, ids, clock, timers, log })
  supervisor.onStop('audit', () => audit.close())
  const tokens = createTokens({ key: signingKeyIn(dataDir), clock, ids })
  const hub = createSocketHub({ tokens, clock, timers, log, audit: audit.record })
  const display = new MarketDisplay(DEMO_INSTRUMENTS, (topic, data) => hub.publish('all', topic, data))
  const latch = fileLatch(join(dataDir, 'kill-switch.json'))
  const [decisions, commits] = [new Durations(), new Durations()]
  const dispatcher = createDispatcher({
    db,
    url: roleUrl(ownerUrl, 'dispatcher'),
    subscriptions: [tradingFeed({ hub, db, tenant: DEMO_TENANT })],
    timers,
    clock,
    log,
  })
  supervisor.onStop('dispatcher', () => dispatcher.stop())
  const trader = new Trader({
    journal: databaseJournal({ db, tenant: DEMO_TENANT, ids, types }),
    strategies: name => BUILT_IN.find(strategy => strategy.name === name),
    latch,
    clock,
    timers,
    log,
    elapsedMs: monotonicMs,
    onCommitted: ms => commits.add(ms),
    onHandled: ms => decisions.add(ms),
    onCommit: () => dispatcher.kick(),
  })
  supervisor.onStop('node', () => trader.stop())
  const trading = new Trading({
    tenant: DEMO_TENANT,
    trader,
    latch,
    display,
    catalogue: createCatalogue(DEMO_INSTRUMENTS),
    strategies: BUILT_IN,
    paper: PaperSettings.parse({ makerFeePpm: 20, takerFeePpm: 100, latency: 80_000 }),
    clock,
    ids,
    history: (instrument, interval, count) => display.history(instrument, interval, count),
  })
  const watched = { clock, timers, db, display, trader, dispatcher, decisions, commits, hub }
  const health = offerHealth(watched, DEMO_TENANT, supervisor)
  offerMarketTopics(hub, display)
  const publishing = offerTradingTopics({ hub, trading, db, clock, timers })
  supervisor.onStop('topics', () => {
    for (const timer of publishing) timer.cancel()
  })
  const http = await createHttpServer({
    config,
    routes: [...marketRoutes, ...tradingRoutes, ...operationsRoutes],
    deps: {
      display,
      db,
      health,
      now: () => clock.now(),
      trading: () => trading,
      venues: noVenues,
      exchange: noVenues,
      transfers: noVenues,
      comparisons: noVenues,
      fees: noVenues,
    },
    tokens,
    audit: audit.record,
    clock,
    ids,
    timers,
    log,
    metrics,
    db,
    checks: [],
    demoPrincipal: DEMO_PRINCIPAL,
    staticDir: resolve(import.meta.dirname, '../web/dist'),
    sockets: hub,
  })
  supervisor.onStop('http', () => http.close())
  const market = movingMarket(display, clock.now())
  await trader.start()
  await dispatcher.start()
  const [trend, reversion] = DEMO_RUNS
  await seedDemo(trading, log, [
    { ...trend!, instrument: 'paper:XRP/USD' },
    { ...reversion!, instrument: 'paper:DOGE/USD' },
  ])

  let isMoving = true
  const ticking = timers.every(TICK_MS, () => {
    if (!isMoving) return
    for (const input of market.tick(clock.now())) {
      display.onInput(input)
      trader.onMarket(input)
    }
    display.publishForming()
  })
  supervisor.onStop('market', () => ticking.cancel())
  let isEnding = false
  const end = async (): Promise<void> => {
    if (isEnding) return
    isEnding = true
    await supervisor.stop('the bench is over')
    rmSync(dataDir, { recursive: true, force: true })
    process.exit(0)
  }
  process.on('message', (order: Order) => {
    isMoving = order === 'move'
    if (order === 'end') void end()
  })
  process.on('disconnect', () => void end())
  process.on('SIGTERM', () => void end())
  process.on('SIGINT', () => void end())
  const { origin } = await http.listen()
  process.send!(origin)
}

/** The simulated market, hurried, and dated to the present: of each instrument one book and one trade a tick. */
function movingMarket(display: MarketDisplay, now: Micros) {
  const market = createLivingMarket({ seed: 'pages', start: now - PAST })
  const newest = new Map<`${'book' | 'trade'} ${InstrumentId}`, MarketInput>()
  while (market.now < now)
    for (const input of market.advance(Math.min(now, market.now + MICROS_PER_MINUTE))) {
      display.onInput(input)
      if (input.kind !== 'candle') newest.set(`${input.kind} ${input.instrument}`, input)
    }
  return {
    tick(at: Micros): MarketInput[] {
      for (const input of market.advance(market.now + TICK_OF_MARKET))
        if (input.kind !== 'candle') newest.set(`${input.kind} ${input.instrument}`, input)
      return [...newest.values()].map(input => ({ ...input, at, data: { ...input.data, at } }) as MarketInput)
    },
  }
}

await serve()
