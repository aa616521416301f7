import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../kernel/index.ts'
import { createCatalogue, DEMO_INSTRUMENTS, MarketDisplay, marketRoutes, offerMarketTopics } from '../market/index.ts'
import { Durations, operationsRoutes, type SystemHealth } from '../operations/index.ts'
import {
  auditEventTypes,
  type Config,
  createAuditWriter,
  createDatabase,
  createDispatcher,
  createHttpServer,
  createMetrics,
  createSocketHub,
  createTokens,
  eventTypes,
  type Log,
  migrate,
  monotonicMs,
  roleUrl,
  signingKeyIn,
  startMetricsServer,
  startPostgres,
  systemClock,
  systemIds,
  systemTimers,
} from '../platform/index.ts'
import { BUILT_IN } from '../strategies/index.ts'
import {
  databaseJournal,
  fileLatch,
  offerTradingTopics,
  Trader,
  Trading,
  tradingEvents,
  tradingFeed,
  tradingRoutes,
} from '../trading/index.ts'
import { DEMO_PAPER, DEMO_PRINCIPAL, DEMO_TENANT, seedDemo } from './demo.ts'
import { LivingFeed } from './living-feed.ts'
import { openRecorder } from './recorder.ts'
import { Shutdown } from './shutdown.ts'
import { offerHealth, tradingMetrics } from './watch.ts'

export interface ServerOptions {
  readonly config: Config
  readonly log: Log
  /** Takes down the node's inputs and outputs in this file. */
  readonly recordTo?: string
}

export interface RunningServer {
  readonly origin: string
  readonly metricsOrigin: string
  /** Resolves once the market is open and the demo's strategies are at work. */
  readonly trading: Promise<void>
  stop(): Promise<void>
}

const STATIC_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** The one process with all roles: database, market, node, dispatcher, API, sockets and pages. */
export async function startServer({ config, log, recordTo }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock()
  const ids = systemIds()
  const timers = systemTimers(error => log.error({ error }, 'something that is done regularly failed'))
  const metrics = createMetrics({ process: true })
  const dataDir = resolve(config.dataDir)
  const shutdown = new Shutdown(log, timers)
  try {
    const ownerUrl = config.databaseUrl ?? (await startEmbedded())
    await migrate(ownerUrl, undefined, { log })
    const db = createDatabase({ url: roleUrl(ownerUrl, 'bourse_app'), connectionsMax: config.databaseConnections, log })
    shutdown.add('database connections', () => db.close())

    const types = eventTypes([...tradingEvents, ...auditEventTypes])
    const audit = createAuditWriter({ db, ids, clock, timers, log })
    shutdown.add('audit', () => audit.close())
    const tokens = createTokens({ key: signingKeyIn(dataDir), clock, ids })
    const hub = createSocketHub({ tokens, clock, timers, log, audit: audit.record })
    const catalogue = createCatalogue(DEMO_INSTRUMENTS)
    const display = new MarketDisplay(DEMO_INSTRUMENTS, (topic, data) => hub.publish('all', topic, data))
    const latch = fileLatch(join(dataDir, 'kill-switch.json'))
    const recorder = recordTo === undefined ? undefined : await openRecorder({ path: recordTo, clock, latch, log })
    const [decisions, commits] = [new Durations(), new Durations()]
    const dispatcher = createDispatcher({
      db,
      url: roleUrl(ownerUrl, 'dispatcher'),
      subscriptions: [tradingFeed({ hub, db, tenant: DEMO_TENANT })],
      timers,
      clock,
      log,
    })
    const trader = new Trader({
      journal: databaseJournal({ db, tenant: DEMO_TENANT, ids, types }),
      strategies: name => BUILT_IN.find(strategy => strategy.name === name),
      latch,
      clock,
      timers,
      log,
      recorder,
      elapsedMs: monotonicMs,
      onCommitted: ms => commits.add(ms),
      onHandled: ms => decisions.add(ms),
      onCommit: () => dispatcher.kick(),
    })
    const trading = new Trading({
      tenant: DEMO_TENANT,
      trader,
      latch,
      display,
      catalogue,
      strategies: BUILT_IN,
      paper: DEMO_PAPER,
      clock,
      ids,
      history: (instrument, interval, count) => display.history(instrument, interval, count),
    })
    const feed = new LivingFeed({ seed: config.seed, dataDir, clock, timers, log, display })
    const watch = { clock, timers, db, display, trader, dispatcher, decisions, commits, hub }
    const health: SystemHealth = offerHealth(watch, DEMO_TENANT, shutdown)
    tradingMetrics(metrics, watch)
    offerMarketTopics(hub, display)
    const publishing = offerTradingTopics({ hub, trading, db, clock, timers })

    const http = await createHttpServer({
      config,
      routes: [...marketRoutes, ...tradingRoutes, ...operationsRoutes],
      deps: {
        display,
        db,
        health,
        now: () => clock.now(),
        trading: tenant => {
          if (tenant !== DEMO_TENANT)
            throw new AppError('node.unavailable', { rule: 'no node trades for this tenant here' })
          return trading
        },
      },
      tokens,
      audit: audit.record,
      clock,
      ids,
      timers,
      log,
      metrics,
      db,
      checks: [{ name: 'database', check: () => db.ping() }],
      demoPrincipal: DEMO_PRINCIPAL,
      staticDir: existsSync(STATIC_DIR) ? STATIC_DIR : undefined,
      sockets: hub,
      version: '0.1.0',
    })
    const metricsServer = await startMetricsServer({
      metrics,
      checks: [{ name: 'database', check: () => db.ping() }],
      timers,
      host: config.host,
      port: config.metricsPort,
    })
    shutdown.add('metrics', () => metricsServer.close())
    await dispatcher.start()
    shutdown.add('dispatcher', () => dispatcher.stop())
    shutdown.add('node', async () => {
      await trader.stop()
      await recorder?.close()
    })
    shutdown.add('market', async () => {
      for (const timer of publishing) timer.cancel()
      await feed.stop()
    })
    const { origin, port } = await http.listen()
    log.info({ port, origin }, 'the server listens')
    shutdown.add('http', () => http.close())

    const open = async () => {
      await feed.prepare()
      await trader.start()
      if (shutdown.isStopping) return
      feed.open(input => trader.onMarket(input))
      if (config.isDemo) await seedDemo(trading, log)
    }
    return {
      origin,
      metricsOrigin: `http://${config.host}:${metricsServer.port}`,
      trading: open(),
      stop: () => shutdown.run(),
    }
  } catch (error) {
    await shutdown.run()
    throw error
  }

  async function startEmbedded(): Promise<string> {
    const postgres = await startPostgres({ dataDir, log })
    shutdown.add('PostgreSQL', () => postgres.stop())
    return postgres.url
  }
}
