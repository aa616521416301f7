import { z } from 'zod'
import { AppError, MICROS_PER_DAY, NAME_LENGTH_MAX, TEXT_LENGTH_MAX, type TenantId } from '../kernel/index.ts'
import { DecimalText, INTERVAL_NAMES } from '../market/index.ts'
import { accepted, created, type Database, ok, type Route, readEvents, readStream, route } from '../platform/index.ts'
import { PlainText } from './plain-text.ts'
import type { Trading } from './service.ts'
import { fillsOf, ordersOf } from './store.ts'
import { equityHistory, toEventView } from './topics.ts'
import {
  EquityPoint,
  EventView,
  FillView,
  KillSwitchView,
  OrderHistoryView,
  OrderView,
  PositionView,
  RunView,
  StrategyView,
} from './views.ts'

declare module '../platform/index.ts' {
  interface RouteDeps {
    /** The tenant's trading. @throws AppError `node.unavailable` where this process trades for another tenant */
    trading: (tenant: TenantId) => Trading
    db: Database
    now: () => number
  }
}

const list = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items) })
const RunParams = z.strictObject({ id: z.uuid() })
const Limit = z.coerce.number().int().min(1).max(500).default(100)
const Reason = PlainText.trim().min(3).max(TEXT_LENGTH_MAX)
const Parameters = z.record(
  z.string().max(NAME_LENGTH_MAX),
  z.union([z.number(), PlainText.max(NAME_LENGTH_MAX), z.boolean()]),
)
const ORDER_ID = z.string().regex(/^[\w-]{1,64}$/, 'is an order id')

const NewRun = z.strictObject({
  name: PlainText.trim().min(1).max(60),
  strategy: z.string().max(NAME_LENGTH_MAX),
  instrument: z
    .string()
    .max(60)
    .meta({ examples: ['paper:XRP/USD'] }),
  interval: z.enum(INTERVAL_NAMES as [string, ...string[]]),
  parameters: Parameters.default({}),
  allocation: DecimalText.max(30).meta({ examples: ['10000'] }),
})

const runRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/strategies',
    permission: 'runs:read',
    rate: 'read',
    summary: 'Strategies that can be run, with their parameters as JSON Schema',
    responses: { 200: list(StrategyView) },
    handle: ({ principal }, { trading }) => ok({ items: trading(principal.tenant).strategies() }),
  }),
  route({
    method: 'GET',
    path: '/v1/runs',
    permission: 'runs:read',
    rate: 'read',
    summary: 'Runs, oldest first',
    responses: { 200: list(RunView) },
    handle: ({ principal }, { trading }) => ok({ items: trading(principal.tenant).runs() }),
  }),
  route({
    method: 'GET',
    path: '/v1/runs/:id',
    permission: 'runs:read',
    rate: 'read',
    summary: 'One run',
    params: RunParams,
    responses: { 200: RunView },
    handle: ({ principal, params }, { trading }) => ok(trading(principal.tenant).run(params.id)),
  }),
  route({
    method: 'POST',
    path: '/v1/runs',
    permission: 'runs:write',
    rate: 'write',
    idempotent: true,
    audit: 'run.start',
    summary: 'Start a strategy on paper',
    body: NewRun,
    responses: { 201: RunView },
    handle: async ({ principal, body }, { trading }) => created(await trading(principal.tenant).start(body)),
  }),
  route({
    method: 'POST',
    path: '/v1/runs/:id/start',
    permission: 'runs:write',
    rate: 'write',
    audit: 'run.start',
    summary: 'Start a run that has ended; it keeps what it holds',
    params: RunParams,
    responses: { 200: RunView },
    handle: async ({ principal, params }, { trading }) => ok(await trading(principal.tenant).restart(params.id)),
  }),
  route({
    method: 'POST',
    path: '/v1/runs/:id/stop',
    permission: 'runs:write',
    rate: 'write',
    audit: 'run.stop',
    summary: 'Stop a run: its open orders are canceled, its position stays',
    params: RunParams,
    responses: { 200: RunView },
    handle: async ({ principal, params }, { trading }) => ok(await trading(principal.tenant).stop(params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/v1/runs/:id',
    permission: 'runs:write',
    rate: 'write',
    audit: 'run.configure',
    summary: 'Parameters for the next start of a run that has ended',
    params: RunParams,
    body: z.strictObject({ parameters: Parameters }),
    responses: { 200: RunView },
    handle: async ({ principal, params, body }, { trading }) =>
      ok(await trading(principal.tenant).configure(params.id, body.parameters)),
  }),
]

const orderRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/orders',
    permission: 'orders:read',
    rate: 'read',
    summary: 'Orders, newest first; `next` asks for the page after',
    query: z.strictObject({
      state: z.enum(['open', 'closed', 'all']).default('all'),
      run: z.uuid().optional(),
      limit: Limit,
      before: z
        .string()
        .regex(/^\d{1,16}:[\w-]{1,64}$/)
        .optional(),
    }),
    responses: { 200: z.strictObject({ items: z.array(OrderView), next: z.string().nullable() }) },
    async handle({ principal, query }, { db }) {
      const { before, ...filter } = query
      const colon = before?.indexOf(':') ?? -1
      const cursor =
        before === undefined ? undefined : { createdAt: Number(before.slice(0, colon)), id: before.slice(colon + 1) }
      const items = await db.tenant(principal.tenant, tx => ordersOf(tx, { ...filter, before: cursor }), {
        readOnly: true,
      })
      const last = items.length === query.limit ? items.at(-1) : undefined
      return ok({ items, next: last === undefined ? null : `${last.createdAt}:${last.id}` })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/orders/:id',
    permission: 'orders:read',
    rate: 'read',
    summary: 'An order with its whole history, oldest first',
    params: z.strictObject({ id: ORDER_ID }),
    responses: { 200: OrderHistoryView },
    handle: ({ principal, params }, { db }) =>
      db.tenant(
        principal.tenant,
        async tx => {
          const [order] = await ordersOf(tx, { ids: [params.id], limit: 1 })
          if (order === undefined) throw new AppError('order.unknown', { field: 'id', rule: 'is an order of yours' })
          const events = await readStream(tx, `order/${params.id}`)
          const history = events.map(({ sequence, at, type, data }) => ({
            sequence,
            at,
            type,
            data: data as Record<string, unknown>,
          }))
          return ok({ order, history })
        },
        { readOnly: true },
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/orders/:id/cancel',
    permission: 'orders:cancel',
    rate: 'trading',
    audit: 'order.cancel',
    summary: 'Ask for an open order to be canceled',
    params: z.strictObject({ id: ORDER_ID }),
    responses: { 202: OrderView },
    async handle({ principal, params }, { db, trading }) {
      const find = () => db.tenant(principal.tenant, tx => ordersOf(tx, { ids: [params.id], limit: 1 }))
      const [order] = await find()
      if (order === undefined) throw new AppError('order.unknown', { field: 'id', rule: 'is an order of yours' })
      await trading(principal.tenant).cancelOrder(order.run, order.id)
      return accepted((await find())[0]!)
    },
  }),
  route({
    method: 'GET',
    path: '/v1/fills',
    permission: 'orders:read',
    rate: 'read',
    summary: 'Fills, newest first',
    query: z.strictObject({ run: z.uuid().optional(), instrument: PlainText.max(60).optional(), limit: Limit }),
    responses: { 200: list(FillView) },
    handle: async ({ principal, query }, { db }) =>
      ok({ items: await db.tenant(principal.tenant, tx => fillsOf(tx, query), { readOnly: true }) }),
  }),
]

const portfolioRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/positions',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'Positions with profit and loss, at the middle of the book',
    responses: { 200: list(PositionView) },
    handle: ({ principal }, { trading }) => ok({ items: trading(principal.tenant).positions() }),
  }),
  route({
    method: 'GET',
    path: '/v1/equity',
    permission: 'portfolio:read',
    rate: 'read',
    summary: 'Equity over time, of each run and of all together (`run` null); thinned to 500 times',
    query: z.strictObject({ from: z.coerce.number().int().min(0).optional() }),
    responses: { 200: list(EquityPoint) },
    handle: async ({ principal, query }, { db, now }) =>
      ok({ items: await equityHistory(db, principal.tenant, query.from ?? now() - MICROS_PER_DAY) }),
  }),
  route({
    method: 'GET',
    path: '/v1/events',
    permission: 'events:read',
    rate: 'read',
    summary: 'Events, newest first; `before` is a position',
    query: z.strictObject({ before: z.coerce.number().int().min(1).optional(), limit: Limit }),
    responses: { 200: list(EventView) },
    handle: async ({ principal, query }, { db }) => {
      const events = await db.tenant(principal.tenant, tx => readEvents(tx, { ...query, order: 'newest first' }), {
        readOnly: true,
      })
      return ok({ items: events.map(toEventView) })
    },
  }),
]

const killSwitchRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/kill-switch',
    permission: 'health:read',
    rate: 'emergency',
    summary: 'Whether the kill switch is on, and the receipt of the last pull',
    responses: { 200: KillSwitchView },
    handle: ({ principal }, { trading }) => ok(trading(principal.tenant).killSwitch()),
  }),
  route({
    method: 'POST',
    path: '/v1/kill-switch',
    permission: 'kill_switch:use',
    rate: 'emergency',
    audit: 'kill_switch.pull',
    summary: 'Stop everything: no new order, every open one canceled. Works without the database',
    body: z.strictObject({ reason: Reason }),
    responses: { 200: KillSwitchView },
    handle: ({ principal, body }, { trading }) => ok(trading(principal.tenant).kill(principal, body.reason)),
  }),
  route({
    method: 'POST',
    path: '/v1/kill-switch/lift',
    permission: 'kill_switch:lift',
    rate: 'write',
    audit: 'kill_switch.lift',
    summary: 'Lift the kill switch',
    body: z.strictObject({ reason: Reason }),
    responses: { 200: KillSwitchView },
    handle: ({ principal, body }, { trading }) => ok(trading(principal.tenant).lift(principal, body.reason)),
  }),
]

export const tradingRoutes: readonly Route[] = [...runRoutes, ...orderRoutes, ...portfolioRoutes, ...killSwitchRoutes]
