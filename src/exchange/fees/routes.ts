import { z } from 'zod'
import type { TenantId } from '../../kernel/index.ts'
import { ok, type Route, route } from '../../platform/index.ts'
import type { FeeDesk } from './desk.ts'
import { TIERS_MAX } from './schedule.ts'
import { FeesView, TierView } from './views.ts'

declare module '../../platform/index.ts' {
  interface RouteDeps {
    /** The operator's fees. @throws AppError `exchange.unavailable` for who is none of its participants */
    fees: (tenant: TenantId) => FeeDesk
  }
}

const Tiers = z.strictObject({ items: z.array(TierView) })

export const feeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/exchange/fees',
    permission: 'orders:read',
    rate: 'read',
    summary: 'What your fills are charged, as fractions of the notional, by which volume, and what the next tier is',
    responses: { 200: FeesView },
    handle: async ({ principal }, { fees }) => ok(await fees(principal.tenant).feesOf(principal.id)),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/fees/tiers',
    permission: 'market:read',
    rate: 'read',
    summary: 'What is charged from which volume of thirty days on',
    responses: { 200: Tiers },
    handle: ({ principal }, { fees }) => ok({ items: fees(principal.tenant).tiers() }),
  }),
  route({
    method: 'PUT',
    path: '/v1/exchange/fees/tiers',
    permission: 'exchange:operate',
    rate: 'write',
    audit: 'exchange.fees',
    summary: 'Set what is charged from which volume on, for all from now on',
    body: z.strictObject({ tiers: z.array(TierView).min(1).max(TIERS_MAX) }),
    responses: { 200: Tiers },
    handle: async ({ principal, body }, { fees }) =>
      ok({ items: await fees(principal.tenant).setTiers(principal.id, body.tiers) }),
  }),
]
