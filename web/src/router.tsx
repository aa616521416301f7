import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Broken, NotHere } from './shell/fallbacks.tsx'
import { lastPair } from './shell/last-pair.ts'
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
const page = <P extends string>(path: P, names: string[], load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    validateSearch: only(...names),
    component: lazyRouteComponent(load),
  })

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/t/$pair', params: { pair: lastPair() }, search: {}, replace: true })
  },
})

const routeTree = rootRoute.addChildren([
  home,
  page('/t/$pair', ['interval', 'view', 'tab', 'order', 'group'], () => import('./pages/trade/trade.tsx')),
  page('/runs', ['sort', 'new'], () => import('./pages/strategies/strategies.tsx')),
  page('/runs/$id', ['tab', 'order'], () => import('./pages/strategies/run.tsx')),
  page('/orders', ['state', 'run', 'sort', 'order'], () => import('./pages/orders/orders.tsx')),
  page('/portfolio', ['range', 'sort'], () => import('./pages/portfolio/portfolio.tsx')),
  page('/events', ['type', 'event'], () => import('./pages/events/events.tsx')),
  page('/health', [], () => import('./pages/health/health.tsx')),
])

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
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
