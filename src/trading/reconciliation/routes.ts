import { z } from 'zod'
import type { TenantId } from '../../kernel/index.ts'
import { accepted, ok, type Route, route } from '../../platform/index.ts'
import { VenueView } from '../../venues/index.ts'
import { discrepanciesOf, reconciliationsOf } from './store.ts'
import type { VenueDesk } from './venue-desk.ts'
import { DiscrepancyView, ReconciliationView } from './views.ts'

declare module '../../platform/index.ts' {
  interface RouteDeps {
    /** The tenant's venues. @throws AppError `node.unavailable` where this process trades for another tenant */
    venues: (tenant: TenantId) => VenueDesk
  }
}

const list = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items) })
const Venue = z.string().regex(/^[a-z]{2,20}$/, 'is the name of a venue')
const Query = z.strictObject({
  venue: Venue.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

export const venueRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/venues',
    permission: 'venues:read',
    rate: 'read',
    summary: 'Venues: health, streams, books, limits, balances and fees',
    responses: { 200: list(VenueView) },
    handle: ({ principal }, { venues }) => ok({ items: venues(principal.tenant).views() }),
  }),
  route({
    method: 'GET',
    path: '/v1/reconciliations',
    permission: 'venues:read',
    rate: 'read',
    summary: 'Comparisons of our books with the venues’, newest first',
    query: Query,
    responses: { 200: list(ReconciliationView) },
    handle: async ({ principal, query }, { db }) =>
      ok({ items: await db.tenant(principal.tenant, tx => reconciliationsOf(tx, query), { readOnly: true }) }),
  }),
  route({
    method: 'GET',
    path: '/v1/discrepancies',
    permission: 'venues:read',
    rate: 'read',
    summary: 'Differences that were found and what was done about them, newest first',
    query: Query,
    responses: { 200: list(DiscrepancyView) },
    handle: async ({ principal, query }, { db }) =>
      ok({ items: await db.tenant(principal.tenant, tx => discrepanciesOf(tx, query), { readOnly: true }) }),
  }),
  route({
    method: 'POST',
    path: '/v1/venues/:name/reconcile',
    permission: 'venues:operate',
    rate: 'trading',
    audit: 'venue.reconcile',
    summary: 'Compares our books with the venue’s now',
    params: z.strictObject({ name: Venue }),
    responses: { 202: z.strictObject({ venue: z.string() }) },
    handle: ({ principal, params }, { venues }) => {
      venues(principal.tenant).reconcile(params.name)
      return accepted({ venue: params.name })
    },
  }),
]
