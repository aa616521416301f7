import { AppError, type Clock, type TenantId, type Timer, type Timers } from '../kernel/index.ts'
import type { SocketHub } from '../platform/index.ts'
import { OwnFeed } from './feed/own-feed.ts'
import type { Exchange } from './service.ts'
import type { Shards } from './shards.ts'

/** Changes of books are gathered for so long: 20 a second. */
const FLUSH_MS = 50
const RECENT = 100
/** A connection with a session that answers nothing for so long is cut: three heartbeats. */
const SESSION_SILENCE_MS = 15_000

/**
 * Offers the exchange's streams beside those of every market (`ticker`, `book`, `trades`, `candles`):
 * - `l2:<instrument>` log: the book by level, then its changes; see `L2View`
 * - `l3:<instrument>` log: the book by order, then its changes; see `L3View`
 * - `exchange-orders:<principal>` log: your open orders and the last others, then every order as it changes
 * - `exchange-fills:<principal>` log: your last fills, oldest first, then each as it happens
 * - `exchange-balances:<principal>` state
 * - `exchange-session` state: `{ session }`, the session of this connection. Orders that are placed with it are cancelled when the
 *   connection ends, for whatever reason, or the subscription does.
 */
export function offerExchangeTopics(options: {
  hub: SocketHub
  exchange: Exchange
  shards: Shards
  tenant: TenantId
  clock: Clock
  timers: Timers
}): Timer {
  const { hub, exchange, shards, tenant, clock, timers } = options
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
  const feed = new OwnFeed(exchange, {
    orders: (owner, orders) => hub.publish(tenant, `exchange-orders:${owner}`, orders),
    fills: (owner, fills) => hub.publish(tenant, `exchange-fills:${owner}`, fills),
    balances: (owner, balances) => hub.publish(tenant, `exchange-balances:${owner}`, balances),
  })
  shards.follow(feed.followerOf(shards.parts))
  const own = (prefix: string, read: (owner: string) => unknown) => ({
    match: (topic: string) => topic.startsWith(prefix),
    snapshot: (principal: { id: string; tenant: TenantId }, topic: string) => {
      if (principal.id !== after(prefix, topic) || principal.tenant !== tenant) throw new AppError('permission.denied')
      feed.watch(principal.id)
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
  hub.offer({
    match: topic => topic === 'exchange-session',
    permission: 'orders:write',
    kind: 'state',
    silenceMs: SESSION_SILENCE_MS,
    snapshot({ id, tenant: of }, _, reader) {
      if (of !== tenant) throw new AppError('permission.denied')
      return { session: shards.sessions.begin(id, reader) }
    },
    onLeave: reader => shards.sessions.end(reader),
  })
  for (const part of shards.parts)
    part.feed.listener = {
      onL2: ({ instrument }, change) => hub.publish('all', `l2:${instrument.id}`, change),
      onL3: ({ instrument }, update) => hub.publish('all', `l3:${instrument.id}`, update),
      onTrade: () => {},
      onPhase: () => {},
    }
  return timers.every(FLUSH_MS, () => {
    for (const part of shards.parts) part.feed.flush(clock.now())
    void feed.flush()
  })
}
