import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, type Timers } from '../kernel/index.ts'
import { startLedgerJobs } from '../ledger/index.ts'
import { createCatalogue, MarketDisplay, offerMarketTopics } from '../market/index.ts'
import { Durations, type SystemHealth } from '../operations/index.ts'
import {
  type Config,
  createAuditWriter,
  createDispatcher,
  createHttpServer,
  createMetrics,
  createSocketHub,
  createTokens,
  eventTypes,
  type Log,
  monotonicMs,
  roleUrl,
  type Supervisor,
  signingKeyIn,
  startMetricsServer,
  systemClock,
  systemIds,
} from '../platform/index.ts'
import { BUILT_IN } from '../strategies/index.ts'
import { databaseJournal, fileLatch, offerTradingTopics, Trader, Trading, tradingFeed } from '../trading/index.ts'
import { DEMO_PRINCIPAL, DEMO_TENANT, seedDemo } from './demo.ts'
import { letTradersIn } from './house-traders.ts'
import { HouseWorks, houseInstruments } from './house-works.ts'
import { openDatabase } from './open-database.ts'
import { EVENT_TYPES, ROUTES } from './product.ts'
import { openRecorder } from './recorder.ts'
import { demoInstruments, VenueWorks } from './venue-works.ts'
import { offerHealth, readinessChecks, tradingMetrics } from './watch.ts'

export interface ServerOptions {
  readonly config: Config
  readonly log: Log
  readonly timers: Timers
  /** Is told how to stop every part; the caller says when. */
  readonly supervisor: Supervisor
  /** Takes down the node's inputs and outputs in this file. */
  readonly recordTo?: string
}

export interface RunningServer {
  readonly origin: string
  readonly metricsOrigin: string
  /** Resolves once the market is open and the demo's strategies are at work. */
  readonly trading: Promise<void>
}

const STATIC_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url))

/**
 * The one process with all roles: database, market, node, dispatcher, API, sockets and pages.
 * @throws AppError with one clear line when something cannot start; what had started is stopped again.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log, timers, supervisor, recordTo } = options
  const clock = systemClock()
  const ids = systemIds()
  const machine = { clock, timers, ids, log }
  const metrics = createMetrics({ process: true })
  const dataDir = resolve(config.dataDir)
  let isStopping = false
  try {
    const { ownerUrl, db } = await openDatabase({ config, dataDir, supervisor, log })
    const types = eventTypes(EVENT_TYPES)
    const audit = createAuditWriter({ db, ...machine })
    supervisor.onStop('audit', () => audit.close())
    const tokens = createTokens({ key: signingKeyIn(dataDir), clock, ids })
    const hub = createSocketHub({ tokens, ...machine, audit: audit.record })
    supervisor.onStop('sockets', () => hub.close())
    const instruments = [...demoInstruments(), ...houseInstruments()]
    const catalogue = createCatalogue(instruments)
    const display = new MarketDisplay(instruments, (topic, data) => hub.publish('all', topic, data))
    const latch = fileLatch(join(dataDir, 'kill-switch.json'))
    const recorder =
      recordTo === undefined ? undefined : await openRecorder({ ...machine, path: recordTo, instruments, latch })
    const url = roleUrl(ownerUrl, 'bourse_app')
    const house = new HouseWorks({ db, url, types, hub, metrics, supervisor, ...machine })
    const [decisions, commits] = [new Durations(), new Durations()]
    const dispatcher = createDispatcher({
      db,
      url: roleUrl(ownerUrl, 'dispatcher'),
      subscriptions: [tradingFeed({ hub, db, tenant: DEMO_TENANT }), house.subscription],
      ...machine,
    })
    supervisor.onStop('dispatcher', () => dispatcher.stop())
    const trader = new Trader({
      journal: databaseJournal({ db, tenant: DEMO_TENANT, ids, types }),
      strategies: name => BUILT_IN.find(strategy => strategy.name === name),
      latch,
      ...machine,
      recorder,
      elapsedMs: monotonicMs,
      onCommitted: ms => commits.add(ms),
      onHandled: ms => decisions.add(ms),
      onCommit: () => dispatcher.kick(),
      onStart: () => works.desk?.adopt(),
      send: effect => works.desk?.send(effect),
      cancel: effect => works.desk?.cancel(effect),
    })
    const watch = { ...machine, db, display, trader, dispatcher, decisions, commits, hub }
    const works = new VenueWorks({ ...watch, metrics, types, instruments, config, dataDir, supervisor, house })
    supervisor.onStop('node', async () => {
      await trader.stop()
      await recorder?.close()
    })
    const trading = new Trading({
      tenant: DEMO_TENANT,
      trader,
      latch,
      display,
      catalogue,
      strategies: BUILT_IN,
      paper: null,
      onStarted: instrument => works.desk?.tell(instrument),
      ...machine,
      history: (instrument, interval, count) => display.history(instrument, interval, count),
    })
    const health: SystemHealth = offerHealth(watch, DEMO_TENANT, supervisor)
    tradingMetrics(metrics, watch)
    offerMarketTopics(hub, display)
    const publishing = offerTradingTopics({ hub, trading, db, clock, timers })
    supervisor.onStop('valuations', () => publishing.forEach(timer => void timer.cancel()))

    const books = startLedgerJobs({ ...machine, db, tenant: DEMO_TENANT })
    supervisor.onStop('books', () => books.cancel())
    const checks = readinessChecks(watch)
    const metricsServer = await startMetricsServer({
      metrics,
      checks,
      timers,
      host: config.host,
      port: config.metricsPort,
    })
    supervisor.onStop('metrics', () => metricsServer.close())
    const http = await createHttpServer({
      config,
      routes: ROUTES,
      deps: {
        display,
        db,
        health,
        now: () => clock.now(),
        trading: tenant => {
          if (tenant === DEMO_TENANT) return trading
          throw new AppError('node.unavailable', { rule: 'no node trades for this tenant here' })
        },
        venues: tenant => works.deskOf(tenant),
        ...house.deps,
      },
      tokens,
      audit: audit.record,
      ...machine,
      metrics,
      db,
      checks,
      demoPrincipal: DEMO_PRINCIPAL,
      staticDir: existsSync(STATIC_DIR) ? STATIC_DIR : undefined,
      sockets: hub,
      version: '0.1.0',
    })
    await dispatcher.start()
    supervisor.onStop('http', () => http.close())
    const { origin, port: openPort } = await http.listen()
    log.info({ port: openPort, origin }, 'the server listens')
    supervisor.onStop('opening', () => {
      isStopping = true
    })

    const open = async () => {
      await house.open(config.isDemo)
      await works.prepare()
      if (isStopping) return
      await trader.start()
      works.open()
      if (!config.isDemo) return
      await seedDemo(trading, log)
      await letTradersIn({ port: openPort, tokens, seed: config.seed, display, supervisor, ...machine })
    }
    return {
      origin,
      metricsOrigin: `http://${config.host}:${metricsServer.port}`,
      trading: open(),
    }
  } catch (error) {
    await supervisor.stop('the start failed')
    throw error
  }
}
