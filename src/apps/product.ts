import { exchangeEvents, exchangeRoutes } from '../exchange/index.ts'
import type { EventType } from '../kernel/index.ts'
import { ledgerRoutes } from '../ledger/index.ts'
import { marketRoutes } from '../market/index.ts'
import { operationsRoutes } from '../operations/index.ts'
import { auditEventTypes, type Route } from '../platform/index.ts'
import { reconciliationEvents, tradingEvents, tradingRoutes, venueRoutes } from '../trading/index.ts'
import { venueEvents } from '../venues/index.ts'

/** What all subjects together serve and record. */

export const ROUTES: readonly Route[] = [
  ...marketRoutes,
  ...tradingRoutes,
  ...venueRoutes,
  ...exchangeRoutes,
  ...ledgerRoutes,
  ...operationsRoutes,
]

export const EVENT_TYPES: readonly EventType[] = [
  ...tradingEvents,
  ...reconciliationEvents,
  ...venueEvents,
  ...exchangeEvents,
  ...auditEventTypes,
]
