import type { Key } from '../text/text.tsx'
import type { IconName } from '../ui/icon.tsx'

/** Where one can go, with the key that follows `g`. */
export const PLACES = [
  { to: '/', key: 't', label: 'nav.trade', icon: 'trade' },
  { to: '/exchange', key: 'x', label: 'nav.exchange', icon: 'exchange' },
  { to: '/runs', key: 's', label: 'nav.strategies', icon: 'strategies' },
  { to: '/orders', key: 'o', label: 'nav.orders', icon: 'orders' },
  { to: '/venues', key: 'v', label: 'nav.venues', icon: 'venues' },
  { to: '/reconciliation', key: 'r', label: 'nav.reconciliation', icon: 'reconciliation' },
  { to: '/portfolio', key: 'p', label: 'nav.portfolio', icon: 'portfolio' },
  { to: '/ledger', key: 'l', label: 'nav.ledger', icon: 'ledger' },
  { to: '/events', key: 'e', label: 'nav.events', icon: 'events' },
  { to: '/system', key: 'h', label: 'nav.health', icon: 'health' },
] as const satisfies readonly { to: string; key: string; label: Key; icon: IconName }[]
