import { z } from 'zod'
import { DecimalText, MicrosNumber } from '../../market/index.ts'
import { accepted, ok, type Route, route } from '../../platform/index.ts'

const TransferView = z.strictObject({
  id: z.uuid(),
  direction: z.enum(['in', 'out']),
  asset: z.string(),
  amount: DecimalText,
  shard: z.int(),
  state: z.enum(['requested', 'completed', 'failed']),
  reason: z.string().nullable(),
  requestedAt: MicrosNumber,
  finishedAt: MicrosNumber.nullable(),
})
const list = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items) })

export const transferRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/exchange/wallet',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'What your wallet holds',
    responses: { 200: list(z.strictObject({ asset: z.string(), balance: DecimalText })) },
    handle: async ({ principal }, { transfers }) =>
      ok({ items: await transfers(principal.tenant).wallet(principal.id) }),
  }),
  route({
    method: 'POST',
    path: '/v1/exchange/transfers',
    permission: 'orders:write',
    rate: 'write',
    idempotent: true,
    audit: 'transfer.request',
    summary: 'Move money from your wallet to your trading account (in) or back (out)',
    body: z.strictObject({
      direction: z.enum(['in', 'out']),
      asset: z.string().max(12),
      amount: DecimalText.max(40).meta({ examples: ['100'] }),
      shard: z.int().min(0).max(1_000).optional(),
    }),
    responses: { 202: TransferView },
    handle: async ({ principal, body }, { transfers }) =>
      accepted(await transfers(principal.tenant).request(principal.id, body)),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/transfers',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'Your transfers, newest first',
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    responses: { 200: list(TransferView) },
    handle: async ({ principal, query }, { transfers }) =>
      ok({ items: await transfers(principal.tenant).transfers(principal.id, query.limit) }),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/transfers/:id',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'One transfer',
    params: z.strictObject({ id: z.uuid() }),
    responses: { 200: TransferView },
    handle: async ({ principal, params }, { transfers }) =>
      ok(await transfers(principal.tenant).transfer(principal.id, params.id)),
  }),
]
