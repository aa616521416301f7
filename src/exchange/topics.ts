import { AppError, type Clock, type MarketInput, type TenantId, type Timer, type Timers } from '../kernel/index.ts'
import type { SocketHub } from '../platform/index.ts'
import type { Projected } from './history/projection.ts'
import { orderIdText } from './orders.ts'
import type { Exchange } from './service.ts'
import type { Shards } from './shards.ts'

/** Changes of books are gathered for so long: 20 a second. */
const FLUSH_MS = 50
const RECENT = 100

/**
 * Offers the exchange's streams beside those of every market (`ticker`, `book`, `trades`, `candles`):
 * - `l2:<instrument>` log: the book by level, then its changes; see `L2View`
 * - `l3:<instrument>` log: the book by order, then its changes; see `L3View`
 * - `exchange-orders:<principal>` log: your open orders and the last others, then every order as it changes
 * - `exchange-fills:<principal>` log: your last fills, oldest first, then each as it happens
 * - `exchange-balances:<principal>` state
 */
export function offerExchangeTopics(options: {
  hub: SocketHub
  exchange: Exchange
  shards: Shards
  tenant: TenantId
  /** Takes the exchange's market data into what pages and strategies see. */
  onMarket: (input: MarketInput) => void
  clock: Clock
  timers: Timers
  onError: (error: unknown) => void
}): Timer {
  const { hub, exchange, shards, tenant, onMarket, clock, timers, onError } = options
  const permission = 'market:read'
  const after = (prefix: string, topic: string) => (topic.startsWith(prefix) ? topic.slice(prefix.length) : '')
  const isListed = (instrument: string) => shards.markets().some(({ market }) => market.instrument.id === instrument)
  hub.offer({
    match: topic => isListed(after('l2:', topic)),
    permission,
    kind: 'log',
    snapshot: (_, topic) => [exchange.book(after('l2:', topic)).l2()],
  })
  hub.offer({
    match: topic => isListed(after('l3:', topic)),
    permission,
    kind: 'log',
    snapshot: (_, topic) => [exchange.book(after('l3:', topic)).l3()],
  })
  const own = (prefix: string, read: (owner: string) => unknown) => ({
    match: (topic: string) => topic.startsWith(prefix),
    snapshot: (principal: { id: string; tenant: TenantId }, topic: string) => {
      if (principal.id !== after(prefix, topic) || principal.tenant !== tenant) throw new AppError('permission.denied')
      return read(principal.id)
    },
  })
  hub.offer({
    ...own('exchange-orders:', async owner => {
      const open = await exchange.orders(owner, { state: 'open' })
      return [...open, ...(await exchange.orders(owner, { state: 'closed', limit: RECENT }))]
    }),
    permission: 'orders:read',
    kind: 'log',
  })
  hub.offer({
    ...own('exchange-fills:', async owner => (await exchange.fills(owner, { limit: RECENT })).reverse()),
    permission: 'orders:read',
    kind: 'log',
  })
  hub.offer({
    ...own('exchange-balances:', owner => exchange.balances(owner)),
    permission: 'portfolio:read',
    kind: 'state',
  })
  let publishing: Promise<unknown> = Promise.resolve()
  shards.onHistory = (shard, projected) => {
    const ids = [...new Set([...projected.orders, ...projected.changes].map(({ id }) => id))]
    if (ids.length === 0) return
    // One after another, so that an order is never shown as it was before.
    publishing = publishing.then(() => publishOwn(shard, ids, projected)).catch(onError)
  }
  const publishOwn = async (shard: number, ids: readonly number[], projected: Projected) => {
    const owners = new Set<string>()
    const clientIds = new Map<string, string | null>()
    for (const { owner, order } of await exchange.changed(shard, ids)) {
      owners.add(owner)
      clientIds.set(order.id, order.clientId)
      hub.publish(tenant, `exchange-orders:${owner}`, order)
    }
    for (const row of projected.fills) {
      const clientId = clientIds.get(orderIdText(shard, row.order_id)) ?? null
      hub.publish(tenant, `exchange-fills:${row.owner}`, exchange.fillOf(shard, row, clientId))
    }
    for (const owner of owners) hub.publish(tenant, `exchange-balances:${owner}`, exchange.balances(owner))
  }
  for (const { feed } of shards.parts)
    feed.listener = {
      onL2: ({ instrument }, change) => hub.publish('all', `l2:${instrument.id}`, change),
      onL3: ({ instrument }, update) => hub.publish('all', `l3:${instrument.id}`, update),
      onMarket,
      onPhase: () => {},
    }
  return timers.every(FLUSH_MS, () => {
    for (const { feed } of shards.parts) feed.flush(clock.now())
  })
}
