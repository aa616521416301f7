import { afterAll, beforeAll } from 'vitest'
import { giveMoney } from '../../src/exchange/fake.ts'
import {
  BooksReconciler,
  Exchange,
  exchangeEvents,
  exchangeRoutes,
  FeeDesk,
  historyThreads,
  listMarket,
  offerExchangeTopics,
  Shards,
  setPhase,
  TransferDesk,
} from '../../src/exchange/index.ts'
import { HouseVenue } from '../../src/exchange/testing.ts'
import { AppError, type InstrumentId, PERMISSIONS, type Permission, type TenantId } from '../../src/kernel/index.ts'
import { ledgerRoutes } from '../../src/ledger/index.ts'
import { MarketDisplay, marketRoutes, offerMarketTopics } from '../../src/market/index.ts'
import { createFastEngine, restoreFastEngine } from '../../src/matching/index.ts'
import {
  createHttpServer,
  createMetrics,
  createSocketHub,
  createTokens,
  ephemeralSigningKey,
  eventTypes,
  type Route,
  roleUrl,
  silentLog,
  systemClock,
  systemIds,
  systemTimers,
} from '../../src/platform/index.ts'
import { freshDatabase, freshTenant } from '../../src/platform/testing.ts'

/** For tests only: a server with a house exchange, for as long as the test file runs that calls {@link serveExchange}. */

export const XRP = 'house:XRP/USD'
const tenant: TenantId = freshTenant()

export interface ExchangeServer {
  readonly exchange: Exchange
  readonly shards: Shards
  /** An access token, by default of somebody who may do everything. */
  tokenOf(person: string, permissions?: readonly Permission[]): Promise<string>
  stopStreams(): void
  readonly http: Awaited<ReturnType<typeof createHttpServer>>
  ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, asked?: Asked): Promise<Answer>
}

interface Asked {
  readonly person?: string
  readonly permissions?: readonly Permission[]
  readonly body?: unknown
  /** Sent as it is. */
  readonly text?: string
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every route
  readonly body: any
}

const nowhere = (): never => {
  throw new AppError('node.unavailable')
}

const principalOf = (person: string, permissions: readonly Permission[] = PERMISSIONS) =>
  ({ id: person, name: person, kind: 'person', tenant, permissions: new Set(permissions) }) as const

/** One market, XRP/USD, open, and two people with money in their trading accounts: ada and bob. */
export function serveExchange(): { current: ExchangeServer } {
  const holder = {} as { current: ExchangeServer }
  beforeAll(async () => {
    const fresh = await freshDatabase()
    const { db } = fresh
    const [ids, clock, timers] = [systemIds(), systemClock(), systemTimers()]
    const url = roleUrl(fresh.ownerUrl, 'bourse_app')
    const limits = {
      ordersMax: 10_000,
      accountsMax: 1_000,
      instrumentsMax: 10,
      assetsMax: 10,
      clientIdsMax: 1_000,
      makerPpm: 1_000,
      takerPpm: 2_000,
    }
    const shards = new Shards({
      tenant,
      shards: 1,
      maker: { create: createFastEngine, restore: restoreFastEngine },
      limits,
      db,
      url,
      owner: 'test',
      history: historyThreads({ url, limits }, { timers, log: silentLog }),
      clock,
      timers,
      log: silentLog,
    })
    await shards.start()
    await shards.opened()
    await listMarket(
      shards,
      0,
      {
        pair: 'XRP/USD',
        tick: '0.0001',
        lot: '0.1',
        quantityMin: '1',
        quantityMax: '1000000',
        priceMax: '1000',
        notionalMin: '5',
        bandPpm: 0,
        haltPpm: 0,
        haltMicros: 0,
        protectionPpm: 50_000,
      },
      { base: 6, quote: 6 },
    )
    await setPhase(shards, XRP, 'trading')
    const exchange = new Exchange(shards, { db, tenant, clock })
    const transfers = new TransferDesk({
      tenant,
      db,
      types: eventTypes(exchangeEvents),
      exchange,
      shards,
      ids,
      clock,
      timers,
      log: silentLog,
    })
    for (const owner of ['ada', 'bob'])
      for (const asset of ['XRP', 'USD']) {
        await giveMoney(db, tenant, ids, { owner, asset, whole: 200_000, scale: 6 })
        const { id } = await transfers.request(owner, { direction: 'in', asset, amount: '100000' })
        await transfers.finished(id)
      }
    const comparisons = new BooksReconciler({ tenant, shards, clock, timers, log: silentLog })
    const fees = new FeeDesk({ tenant, db, shards, limits, clock, timers, log: silentLog })
    await fees.start()
    const tokens = createTokens({ key: ephemeralSigningKey(), clock, ids })
    const hub = createSocketHub({ tokens, clock, timers, log: silentLog })
    const display = new MarketDisplay(
      shards.markets().map(({ market }) => market.instrument),
      (topic, data) => hub.publish('all', topic, data),
    )
    offerMarketTopics(hub, display)
    const streaming = offerExchangeTopics({ hub, exchange, shards, tenant, clock, timers })
    const venue = new HouseVenue({ exchange, shards, owner: 'display', clock, timers })
    venue.watch([XRP as InstrumentId], {
      onMarket: input => display.onInput(input),
      onStale() {},
      onReport() {},
      onBalance() {},
      onPrivateReady() {},
      onExternal() {},
    })
    const routes: readonly Route[] = [...marketRoutes, ...exchangeRoutes, ...ledgerRoutes]
    const http = await createHttpServer({
      config: { host: '127.0.0.1', port: 0, isDemo: false, publicOrigin: undefined },
      routes,
      deps: {
        display,
        db,
        health: nowhere as never,
        now: () => clock.now(),
        trading: nowhere,
        venues: nowhere,
        exchange: () => exchange,
        transfers: () => transfers,
        comparisons: () => comparisons,
        fees: () => fees,
      },
      tokens,
      audit: () => {},
      clock,
      ids,
      timers,
      log: silentLog,
      metrics: createMetrics(),
      db,
      checks: [],
      sockets: hub,
    })
    let asked = 0
    holder.current = {
      tokenOf: async (person, permissions) => (await tokens.issue(principalOf(person, permissions))).token,
      stopStreams() {
        streaming.cancel()
        void venue.close()
        void fees.stop()
      },
      exchange,
      shards,
      http,
      async ask(method, url, { person = 'ada', permissions = PERMISSIONS, body, text } = {}) {
        asked += 1
        const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
        const principal = principalOf(person, permissions)
        const answer = await http.inject({
          method,
          url,
          // Each comes from an address of its own, so that no rate of addresses is met.
          remoteAddress: `127.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`,
          headers: {
            authorization: `Bearer ${(await tokens.issue(principal)).token}`,
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          },
          payload,
        })
        return { status: answer.statusCode, body: answer.body === '' ? null : JSON.parse(answer.body) }
      },
    }
  })
  afterAll(async () => {
    holder.current.stopStreams()
    await holder.current.http.close()
    await holder.current.shards.stop()
  })
  return holder
}
