import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { Broken, NotHere } from './shell/fallbacks.tsx'
import { lastPair } from './shell/last-pair.ts'
import { later } from './shell/later.tsx'
import { Shell } from './shell/shell.tsx'

/** The address is the state of a page: what is looked at, filtered and sorted can be sent to somebody as a link. */
type Search = Record<string, string | undefined>
const only =
  (...names: string[]) =>
  (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      names.flatMap(name => (typeof search[name] === 'string' && search[name] ? [[name, search[name]]] : [])),
    )

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotHere, errorComponent: Broken })
const PAGES = {
  trade: later(() => import('./pages/trade/trade.tsx')),
  exchange: later(() => import('./pages/exchange/exchange.tsx')),
  ledger: later(() => import('./pages/ledger/ledger.tsx')),
  strategies: later(() => import('./pages/strategies/strategies.tsx')),
  run: later(() => import('./pages/strategies/run.tsx')),
  orders: later(() => import('./pages/orders/orders.tsx')),
  portfolio: later(() => import('./pages/portfolio/portfolio.tsx')),
  venues: later(() => import('./pages/venues/venues.tsx')),
  reconciliation: later(() => import('./pages/reconciliation/reconciliation.tsx')),
  events: later(() => import('./pages/events/events.tsx')),
  health: later(() => import('./pages/health/health.tsx')),
}
export const pageParts = Object.values(PAGES)

const page = <P extends string>(path: P, names: string[], component: ReturnType<typeof later>) =>
  createRoute({ getParentRoute: () => rootRoute, path, validateSearch: only(...names), component })

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/t/$pair', params: { pair: lastPair() }, search: {}, replace: true })
  },
})

/** `/health` itself belongs to the server's probes; a link to it inside the pages leads to the page. */
const moved = createRoute({
  getParentRoute: () => rootRoute,
  path: '/health',
  beforeLoad: () => {
    throw redirect({ to: '/system', replace: true })
  },
})

const routeTree = rootRoute.addChildren([
  home,
  page('/t/$pair', ['interval', 'view', 'tab', 'order', 'group'], PAGES.trade),
  page('/exchange', ['interval', 'view', 'tab', 'group'], PAGES.exchange),
  page('/exchange/$instrument', ['interval', 'view', 'tab', 'group'], PAGES.exchange),
  page('/ledger', ['view', 'kind', 'asset', 'owner', 'sort', 'account', 'tab', 'journal', 'at'], PAGES.ledger),
  page('/runs', ['sort', 'new'], PAGES.strategies),
  page('/runs/$id', ['tab', 'order'], PAGES.run),
  page('/orders', ['state', 'run', 'sort', 'order'], PAGES.orders),
  page('/portfolio', ['range', 'sort'], PAGES.portfolio),
  page('/venues', ['venue', 'sort'], PAGES.venues),
  page('/reconciliation', ['venue', 'show', 'sort'], PAGES.reconciliation),
  page('/events', ['type', 'event'], PAGES.events),
  page('/system', [], PAGES.health),
  moved,
])

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  parseSearch: text => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: search => {
    const entries = Object.entries(search).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
    )
    return entries.length > 0 ? `?${new URLSearchParams(entries)}` : ''
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
