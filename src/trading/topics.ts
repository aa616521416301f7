import { type Clock, MICROS_PER_DAY, type TenantId, type Timer, type Timers } from '../kernel/index.ts'
import {
  type Database,
  type FeedSubscription,
  readEvents,
  type SocketHub,
  type StoredEvent,
} from '../platform/index.ts'
import { type Trading, totalOf } from './service.ts'
import { equitySince, fillsOf, ordersOf, saveEquity } from './store.ts'
import type { EquityPoint, EventView, OrderView } from './views.ts'

const ORDERS_SHOWN = 100
const FILLS_SHOWN = 200
const EVENTS_SHOWN = 100
const EQUITY_POINTS_SHOWN = 500
const STATE_PERIOD_MS = 250
const EQUITY_PERIOD_MS = 5_000

export interface TradingTopicsOptions {
  readonly hub: SocketHub
  readonly trading: Trading
  readonly db: Database
  readonly clock: Clock
  readonly timers: Timers
}

export const toEventView = (event: StoredEvent): EventView => ({
  id: event.id,
  position: String(event.position),
  type: event.type,
  subject: event.subject,
  at: event.at,
  data: event.data as Record<string, unknown>,
})

/** Equity since a time, every run and all together, oldest first. */
export async function equityHistory(db: Database, tenant: TenantId, from: number): Promise<EquityPoint[]> {
  const points = await db.tenant(tenant, tx => equitySince(tx, from, EQUITY_POINTS_SHOWN), { readOnly: true })
  const byTime = new Map<number, EquityPoint[]>()
  for (const point of points) byTime.set(point.at, [...(byTime.get(point.at) ?? []), point])
  return [...byTime].flatMap(([at, there]) => [...there, totalOf(there, at)])
}

/** Open orders and the last others, newest last. */
const ordersShown = async (db: Database, tenant: TenantId): Promise<OrderView[]> =>
  db.tenant(
    tenant,
    async tx => {
      const open = await ordersOf(tx, { state: 'open', limit: 500 })
      const closed = await ordersOf(tx, { state: 'closed', limit: ORDERS_SHOWN })
      return [...closed, ...open].sort((a, b) => a.createdAt - b.createdAt)
    },
    { readOnly: true },
  )

/** Offers what a tenant's pages watch, and publishes what changes by itself: valuations and equity. */
export function offerTradingTopics(options: TradingTopicsOptions): Timer[] {
  const { hub, trading, db, clock, timers } = options
  const { tenant } = trading
  const state = (topic: string, permission: 'runs:read' | 'portfolio:read' | 'health:read', read: () => unknown) =>
    hub.offer({ match: name => name === topic, permission, kind: 'state', snapshot: read })
  state('runs', 'runs:read', () => trading.runs())
  state('positions', 'portfolio:read', () => trading.positions())
  state('kill-switch', 'health:read', () => trading.killSwitch())
  hub.offer({
    match: name => name === 'equity',
    permission: 'portfolio:read',
    kind: 'log',
    snapshot: () => equityHistory(db, tenant, clock.now() - MICROS_PER_DAY),
  })
  hub.offer({
    match: name => name === 'orders',
    permission: 'orders:read',
    kind: 'log',
    snapshot: () => ordersShown(db, tenant),
  })
  hub.offer({
    match: name => name === 'fills',
    permission: 'orders:read',
    kind: 'log',
    snapshot: async () =>
      (await db.tenant(tenant, tx => fillsOf(tx, { limit: FILLS_SHOWN }), { readOnly: true })).reverse(),
  })
  hub.offer({
    match: name => name === 'events',
    permission: 'events:read',
    kind: 'log',
    snapshot: async () =>
      (
        await db.tenant(tenant, tx => readEvents(tx, { limit: EVENTS_SHOWN, order: 'newest first' }), {
          readOnly: true,
        })
      )
        .reverse()
        .map(toEventView),
  })
  return [
    timers.every(STATE_PERIOD_MS, () => {
      hub.publish(tenant, 'runs', trading.runs())
      hub.publish(tenant, 'positions', trading.positions())
      hub.publish(tenant, 'kill-switch', trading.killSwitch())
    }),
    timers.every(EQUITY_PERIOD_MS, async () => {
      const points = trading.equity()
      const own = points.flatMap(({ run, at, equity }) => (run === null ? [] : [{ run, at, equity }]))
      await db.tenant(tenant, tx => saveEquity(tx, own))
      hub.publish(tenant, 'equity', points)
    }),
  ]
}

/** Carries committed facts to the pages: the events themselves, and the orders and fills that they changed. */
export const tradingFeed = (options: {
  hub: Pick<SocketHub, 'publish'>
  db: Database
  tenant: TenantId
}): FeedSubscription => ({
  name: 'pages',
  live: true,
  async feed(events) {
    const { hub, db, tenant } = options
    const own = events.filter(event => event.tenant === tenant)
    if (own.length === 0) return
    hub.publish(tenant, 'events', own.map(toEventView))
    const ids = [
      ...new Set(own.filter(({ subject }) => subject.startsWith('order/')).map(({ subject }) => subject.slice(6))),
    ]
    if (ids.length === 0) return
    const filled = new Set(
      own.filter(({ type }) => type === 'order.filled' || type === 'order.partially_filled').map(fillKey),
    )
    const { orders, fills } = await db.tenant(
      tenant,
      async tx => ({
        orders: await ordersOf(tx, { ids, limit: ids.length }),
        fills: filled.size === 0 ? [] : await fillsOf(tx, { orders: ids, limit: 10_000 }),
      }),
      { readOnly: true },
    )
    hub.publish(tenant, 'orders', orders.reverse())
    const fresh = fills.filter(fill => filled.has(fill.id)).reverse()
    if (fresh.length > 0) hub.publish(tenant, 'fills', fresh)
  },
})

const fillKey = ({ subject, data }: StoredEvent): string => `${subject.slice(6)}/${(data as { fill: string }).fill}`
