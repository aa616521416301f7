import { z } from 'zod'
import { PAGE_SIZE_MAX, type TenantId } from '../kernel/index.ts'
import { MicrosNumber } from '../market/index.ts'
import { created, ok, type Route, route } from '../platform/index.ts'
import type { BooksReconciler } from './books/reconciler.ts'
import { L2View, L3View } from './feed/views.ts'
import { feeRoutes } from './fees/routes.ts'
import { parseFillPlace } from './orders.ts'
import type { Exchange } from './service.ts'
import type { TransferDesk } from './transfers/desk.ts'
import { transferRoutes } from './transfers/routes.ts'
import {
  AckView,
  BatchItemView,
  ComparisonView,
  HouseBalanceView,
  HouseFillView,
  HouseInstrumentView,
  HouseOrderView,
  HouseTradeView,
  NewOrder,
  OrderChange,
  OrderIdText,
  PhaseChange,
  StatusView,
} from './views.ts'

declare module '../platform/index.ts' {
  interface RouteDeps {
    /** The operator's exchange. @throws AppError `exchange.unavailable` for who is none of its participants */
    exchange: (tenant: TenantId) => Exchange
    /** The operator's transfers. @throws as `exchange` does */
    transfers: (tenant: TenantId) => TransferDesk
    /** The operator's comparisons with the ledger. @throws as `exchange` does */
    comparisons: (tenant: TenantId) => BooksReconciler
  }
}

/** Orders of one batch. */
const BATCH_MAX = 50
const list = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items) })
const Limit = z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(100)
const Instrument = z.string().max(60)
const ClientIdText = z.string().min(1).max(36)

const market: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/exchange/status',
    permission: 'market:read',
    rate: 'read',
    summary: 'Whether the house exchange takes orders, and how far each shard is',
    responses: { 200: StatusView },
    handle: ({ principal }, { exchange }) => ok(exchange(principal.tenant).status()),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/instruments',
    permission: 'market:read',
    rate: 'read',
    summary: 'Instruments of the house exchange, with their rules and phases',
    responses: { 200: list(HouseInstrumentView) },
    handle: ({ principal }, { exchange }) => ok({ items: exchange(principal.tenant).instruments() }),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/book',
    permission: 'market:read',
    rate: 'read',
    summary: 'The book by level, with the sequence and checksum of the stream of its changes',
    query: z.strictObject({ instrument: Instrument, depth: z.coerce.number().int().min(1).max(1_000).default(100) }),
    responses: { 200: L2View },
    handle: ({ principal, query }, { exchange }) =>
      ok(exchange(principal.tenant).book(query.instrument).l2(query.depth)),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/book/orders',
    permission: 'market:read',
    rate: 'read',
    summary: 'The book by order, in priority, with the sequence of the stream of its changes',
    query: z.strictObject({ instrument: Instrument }),
    responses: { 200: L3View },
    handle: ({ principal, query }, { exchange }) => ok(exchange(principal.tenant).book(query.instrument).l3()),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/trades',
    permission: 'market:read',
    rate: 'read',
    summary: 'Trades of an instrument, newest first',
    query: z.strictObject({ instrument: Instrument, limit: Limit }),
    responses: { 200: list(HouseTradeView) },
    handle: async ({ principal, query }, { exchange }) =>
      ok({ items: await exchange(principal.tenant).trades(query.instrument, query.limit) }),
  }),
]

const orders: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/exchange/orders',
    permission: 'orders:write',
    rate: 'exchange',
    summary: 'Place an order; with a client id, the same request again is the same order',
    body: NewOrder,
    responses: { 201: AckView },
    handle: async ({ principal, body }, { exchange }) =>
      created(await exchange(principal.tenant).place(principal.id, body)),
  }),
  route({
    method: 'POST',
    path: '/v1/exchange/orders/batch',
    permission: 'orders:write',
    rate: 'exchange',
    summary: `Place up to ${BATCH_MAX} orders; each is taken or refused by itself`,
    body: z.strictObject({ orders: z.array(NewOrder).min(1).max(BATCH_MAX) }),
    responses: { 200: list(BatchItemView) },
    handle: async ({ principal, body }, { exchange }) =>
      ok({ items: await exchange(principal.tenant).placeAll(principal.id, body.orders) }),
  }),
  route({
    method: 'PATCH',
    path: '/v1/exchange/orders/:id',
    permission: 'orders:write',
    rate: 'exchange',
    summary: 'Change the price or the whole quantity of an order; less at the same price keeps its priority',
    params: z.strictObject({ id: OrderIdText }),
    body: OrderChange,
    responses: { 200: AckView },
    handle: async ({ principal, params, body }, { exchange }) =>
      ok(await exchange(principal.tenant).amend(principal.id, params.id, body)),
  }),
  route({
    method: 'DELETE',
    path: '/v1/exchange/orders/:id',
    permission: 'orders:cancel',
    rate: 'emergency',
    summary: 'Cancel an order',
    params: z.strictObject({ id: OrderIdText }),
    responses: { 200: z.strictObject({ id: OrderIdText }) },
    handle: async ({ principal, params }, { exchange }) => {
      await exchange(principal.tenant).cancel(principal.id, params.id)
      return ok({ id: params.id })
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/exchange/orders',
    permission: 'orders:cancel',
    rate: 'emergency',
    summary: 'Cancel every open order, those of one instrument, or the one of a client id',
    query: z.strictObject({ instrument: Instrument.optional(), clientId: ClientIdText.optional() }),
    responses: { 200: z.strictObject({ canceled: z.int() }) },
    handle: async ({ principal, query }, { exchange }) => {
      const { instrument, clientId } = query
      if (clientId === undefined)
        return ok({ canceled: await exchange(principal.tenant).cancelAll(principal.id, instrument) })
      await exchange(principal.tenant).cancelByClientId(principal.id, instrument, clientId)
      return ok({ canceled: 1 })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/orders',
    permission: 'orders:read',
    rate: 'read',
    summary:
      'Your orders, newest first: open, closed or all; by instrument or client id; `before` goes on from the last one',
    query: z.strictObject({
      state: z.enum(['open', 'closed', 'all']).default('open'),
      instrument: Instrument.optional(),
      clientId: ClientIdText.optional(),
      before: z
        .string()
        .regex(/^\d{1,17}:\d{1,15}$/, 'is createdAt:number of an order')
        .optional(),
      limit: Limit,
    }),
    responses: { 200: list(HouseOrderView) },
    handle: async ({ principal, query }, { exchange }) => {
      const { state, before, ...rest } = query
      const [createdAt, id] = (before ?? '').split(':').map(Number)
      return ok({
        items: await exchange(principal.tenant).orders(principal.id, {
          ...rest,
          ...(state === 'all' ? {} : { state }),
          ...(before === undefined ? {} : { before: { createdAt: createdAt!, id: id! } }),
        }),
      })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/orders/:id',
    permission: 'orders:read',
    rate: 'read',
    summary: 'One order',
    params: z.strictObject({ id: OrderIdText }),
    responses: { 200: HouseOrderView },
    handle: async ({ principal, params }, { exchange }) =>
      ok(await exchange(principal.tenant).order(principal.id, params.id)),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/fills',
    permission: 'orders:read',
    rate: 'read',
    summary: 'Your fills, newest first; `before` goes on from the last one',
    query: z.strictObject({
      instrument: Instrument.optional(),
      order: OrderIdText.optional(),
      since: z.coerce.number().pipe(MicrosNumber).optional(),
      before: z
        .string()
        .regex(/^\d{1,16}:[^:\s]{1,40}-\d{1,15}:\d{1,4}-\d{1,15}$/, 'is at:id:order of a fill')
        .optional(),
      limit: Limit,
    }),
    responses: { 200: list(HouseFillView) },
    handle: async ({ principal, query }, { exchange }) => {
      const { before, ...rest } = query
      const place = before === undefined ? {} : { before: parseFillPlace(before) }
      return ok({ items: await exchange(principal.tenant).fills(principal.id, { ...rest, ...place }) })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/balances',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'What your trading accounts hold: available, and held for open orders',
    responses: { 200: list(HouseBalanceView) },
    handle: ({ principal }, { exchange }) => ok({ items: exchange(principal.tenant).balances(principal.id) }),
  }),
]

const operating: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/v1/exchange/phase',
    permission: 'exchange:operate',
    rate: 'write',
    audit: 'exchange.phase',
    summary: 'Open, halt or close a market, or begin an auction in it',
    body: PhaseChange,
    responses: { 200: HouseInstrumentView },
    handle: async ({ principal, body }, { exchange }) => ok(await exchange(principal.tenant).setPhase(body)),
  }),
  route({
    method: 'GET',
    path: '/v1/exchange/comparisons',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'How the exchange and the ledger last compared, shard by shard; they are compared each minute',
    responses: { 200: list(ComparisonView) },
    handle: ({ principal }, { comparisons }) => ok({ items: [...comparisons(principal.tenant).comparisons] }),
  }),
  route({
    method: 'POST',
    path: '/v1/exchange/comparisons',
    permission: 'ledger:verify',
    rate: 'expensive',
    audit: 'exchange.compare',
    summary: 'Compare the exchange and the ledger now',
    responses: { 200: list(ComparisonView) },
    handle: async ({ principal }, { comparisons }) =>
      ok({ items: [...(await comparisons(principal.tenant).compareAll())] }),
  }),
]

export const exchangeRoutes: readonly Route[] = [...market, ...feeRoutes, ...orders, ...transferRoutes, ...operating]
