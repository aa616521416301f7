import { type Kysely, sql } from 'kysely'
import {
  divideHalfUp,
  type Fill,
  formatDecimal,
  type Instrument,
  notionalScale,
  PAGE_SIZE_MAX,
  priceText,
  quantityText,
  type RunId,
} from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { RunSetup, RunSnapshotText } from './node/input.ts'
import type { Run, RunStatus } from './node/run.ts'
import { isClosed, type Order } from './orders/order.ts'
import type { Position } from './portfolio/position.ts'
import type { EquityPoint, FillView, OrderView } from './views.ts'

declare module '../platform/index.ts' {
  interface Schema {
    run: RunTable
    orders: OrdersTable
    fill: FillTable
    equity_point: { tenant_id: string; run_id: string; at: number; equity: string }
  }
}

export interface RunTable {
  tenant_id: string
  id: string
  name: string
  strategy: string
  instrument: string
  interval: number
  status: 'running' | 'stopped' | 'failed'
  error: string | null
  parameters: string
  allocation: string
  quantity: string
  cost: string
  realised: string
  fees: string
  fills: number
  input_position: number
  sequence: number
  snapshot: string
  started_at: number
  stopped_at: number | null
}

interface OrdersTable {
  tenant_id: string
  id: string
  run_id: string
  instrument: string
  side: 'buy' | 'sell'
  type: OrderView['type']
  time_in_force: OrderView['timeInForce']
  state: OrderView['state']
  is_open: boolean
  venue_order_id: string | null
  price: string | null
  trigger_price: string | null
  quantity: string
  filled: string
  average_price: string | null
  fees: string
  reason: string | null
  sequence: number
  created_at: number
  updated_at: number
}

interface FillTable {
  tenant_id: string
  order_id: string
  id: string
  run_id: string
  instrument: string
  side: 'buy' | 'sell'
  price: string
  quantity: string
  fee: string
  fee_asset: string
  liquidity: 'maker' | 'taker'
  at: number
}

/** Times of a run's life, and its own events so far. */
export interface RunLife {
  readonly sequence: number
  readonly startedAt: number
  readonly stoppedAt: number | null
}

/** A run as it stood between two inputs: the run itself has moved on by the time that it is written. */
export interface RunRecord {
  readonly setup: RunSetup
  readonly status: RunStatus
  readonly error: string | null
  readonly holding: Position
  readonly fills: number
  readonly position: number
  readonly openOrders: number
  readonly life: RunLife
  readonly snapshot: RunSnapshotText
}

export const recordOf = (run: Run, life: RunLife): RunRecord => ({
  setup: run.setup,
  status: run.status,
  error: run.error,
  holding: run.holding,
  fills: run.fills,
  position: run.position,
  openOrders: run.openOrderCount,
  life,
  snapshot: run.snapshotText(),
})

/**
 * Rows go as one JSON document in a statement whose text never changes: an order waits for it, and building a statement
 * for every number of rows takes longer than the database does.
 */
const orderRowsOf = (rows: readonly OrdersTable[]) => sql`
  INSERT INTO orders SELECT * FROM json_populate_recordset(null::orders, ${JSON.stringify(rows)})
  ON CONFLICT (tenant_id, id) DO UPDATE SET
    state = excluded.state, is_open = excluded.is_open, venue_order_id = excluded.venue_order_id,
    price = excluded.price, quantity = excluded.quantity, filled = excluded.filled,
    average_price = excluded.average_price, fees = excluded.fees, reason = excluded.reason,
    sequence = excluded.sequence, updated_at = excluded.updated_at`
const fillRowsOf = (rows: readonly FillTable[]) => sql`
  INSERT INTO fill SELECT * FROM json_populate_recordset(null::fill, ${JSON.stringify(rows)})`
/** What a run was set up with never changes, but for its parameters. */
const runRowsOf = (rows: readonly (Omit<RunTable, 'parameters'> & Pick<RunSetup, 'parameters'>)[]) => sql`
  INSERT INTO run SELECT * FROM json_populate_recordset(null::run, ${JSON.stringify(rows)})
  ON CONFLICT (tenant_id, id) DO UPDATE SET
    status = excluded.status, error = excluded.error, parameters = excluded.parameters,
    quantity = excluded.quantity, cost = excluded.cost, realised = excluded.realised, fees = excluded.fees,
    fills = excluded.fills, input_position = excluded.input_position, sequence = excluded.sequence,
    snapshot = excluded.snapshot, started_at = excluded.started_at, stopped_at = excluded.stopped_at`

/** Writes a run's row. */
export async function saveRun(tx: TenantTx, run: RunRecord): Promise<void> {
  const { setup, holding, life } = run
  const scale = notionalScale(setup.instrument)
  await runRowsOf([
    {
      tenant_id: tx.tenant,
      id: setup.id,
      name: setup.name,
      strategy: setup.strategy,
      instrument: setup.instrument.id,
      interval: setup.interval,
      allocation: setup.allocation,
      status: run.status,
      error: run.error,
      parameters: setup.parameters,
      quantity: quantityText(setup.instrument, holding.quantity),
      cost: formatDecimal(holding.cost, scale),
      realised: formatDecimal(holding.realised, scale),
      fees: formatDecimal(holding.fees, scale),
      fills: run.fills,
      input_position: run.position,
      sequence: life.sequence,
      snapshot: run.snapshot,
      started_at: life.startedAt,
      stopped_at: life.stoppedAt,
    },
  ]).execute(tx)
}

export const runsOf = (tx: TenantTx): Promise<RunTable[]> =>
  tx
    .selectFrom('run')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .orderBy('started_at')
    .limit(PAGE_SIZE_MAX)
    .execute()

/** Price × quantity over quantity, at the tick's decimals and four more. */
function averagePrice(instrument: Instrument, order: Order): string | null {
  if (order.filled === 0) return null
  const ticks = divideHalfUp(order.filledCost * BigInt(instrument.tickSize) * 10_000n, BigInt(order.filled))
  return formatDecimal(ticks, instrument.priceScale + 4)
}

/** Writes orders as they stand. */
export async function saveOrders(
  tx: TenantTx,
  run: RunId,
  instrument: Instrument,
  orders: readonly Order[],
): Promise<void> {
  if (orders.length === 0) return
  const scale = notionalScale(instrument)
  const rows = orders.map(order => ({
    tenant_id: tx.tenant,
    id: order.request.id,
    run_id: run,
    instrument: instrument.id,
    side: order.request.side,
    type: order.request.type,
    time_in_force: order.request.timeInForce,
    state: order.state,
    is_open: !isClosed(order.state),
    venue_order_id: order.venueOrderId,
    price: order.request.price === undefined ? null : priceText(instrument, order.request.price),
    trigger_price: order.request.triggerPrice === undefined ? null : priceText(instrument, order.request.triggerPrice),
    quantity: quantityText(instrument, order.request.quantity),
    filled: quantityText(instrument, order.filled),
    average_price: averagePrice(instrument, order),
    fees: formatDecimal(order.fees, scale),
    reason: order.reason,
    sequence: order.sequence,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
  }))
  await orderRowsOf(rows).execute(tx)
}

/** Books fills; the same fill twice breaks the primary key and with it the transaction. */
export async function saveFills(
  tx: TenantTx,
  run: RunId,
  instrument: Instrument,
  fills: readonly Fill[],
): Promise<void> {
  if (fills.length === 0) return
  const scale = notionalScale(instrument)
  const rows = fills.map(fill => ({
    tenant_id: tx.tenant,
    order_id: fill.order,
    id: fill.id,
    run_id: run,
    instrument: instrument.id,
    side: fill.side,
    price: priceText(instrument, fill.price),
    quantity: quantityText(instrument, fill.quantity),
    fee: fill.feeIn?.amount ?? formatDecimal(fill.fee, scale),
    fee_asset: fill.feeIn?.asset ?? instrument.quote,
    liquidity: fill.liquidity,
    at: fill.at,
  }))
  await fillRowsOf(rows).execute(tx)
}

/** Whose order it is, and at which instrument; null when there is none such. */
export async function orderOwner(tx: TenantTx, id: string): Promise<{ run: RunId; instrument: string } | null> {
  const row = await tx
    .selectFrom('orders')
    .select(['run_id', 'instrument'])
    .where('tenant_id', '=', tx.tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? null : { run: row.run_id as RunId, instrument: row.instrument }
}

export interface OrderFilter {
  readonly state?: 'open' | 'closed' | 'all'
  readonly run?: string
  readonly ids?: readonly string[]
  readonly limit: number
  /** Orders created before this one: `<createdAt>:<id>`. */
  readonly before?: { readonly createdAt: number; readonly id: string }
}

/** Orders, newest first. */
export async function ordersOf(tx: TenantTx, filter: OrderFilter): Promise<OrderView[]> {
  let query = orderRows(tx).where('orders.tenant_id', '=', tx.tenant)
  if (filter.state === 'open') query = query.where('is_open', '=', true)
  if (filter.state === 'closed') query = query.where('is_open', '=', false)
  if (filter.run !== undefined) query = query.where('run_id', '=', filter.run)
  if (filter.ids !== undefined) query = query.where('orders.id', 'in', [...filter.ids])
  if (filter.before !== undefined)
    query = query.where(
      sql<boolean>`(orders.created_at, orders.id) < (${filter.before.createdAt}, ${filter.before.id})`,
    )
  const rows = await query
    .orderBy('orders.created_at', 'desc')
    .orderBy('orders.id', 'desc')
    .limit(filter.limit)
    .execute()
  return rows.map(({ run_name, strategy, ...row }) => ({
    id: row.id,
    run: row.run_id,
    runName: run_name,
    strategy,
    instrument: row.instrument,
    side: row.side,
    type: row.type,
    timeInForce: row.time_in_force,
    state: row.state,
    price: row.price,
    triggerPrice: row.trigger_price,
    quantity: row.quantity,
    filled: row.filled,
    averagePrice: row.average_price,
    fees: row.fees,
    reason: row.reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

const orderRows = (tx: TenantTx) =>
  tx
    .selectFrom('orders')
    .innerJoin('run', join =>
      join.onRef('run.tenant_id', '=', 'orders.tenant_id').onRef('run.id', '=', 'orders.run_id'),
    )
    .selectAll('orders')
    .select(['run.name as run_name', 'run.strategy as strategy'])

export interface FillFilter {
  readonly run?: string
  readonly instrument?: string
  readonly orders?: readonly string[]
  readonly limit: number
}

/** Fills, newest first. */
export async function fillsOf(tx: TenantTx, filter: FillFilter): Promise<FillView[]> {
  let query = tx
    .selectFrom('fill')
    .innerJoin('run', join => join.onRef('run.tenant_id', '=', 'fill.tenant_id').onRef('run.id', '=', 'fill.run_id'))
    .selectAll('fill')
    .select('run.name as run_name')
    .where('fill.tenant_id', '=', tx.tenant)
  if (filter.run !== undefined) query = query.where('fill.run_id', '=', filter.run)
  if (filter.instrument !== undefined) query = query.where('fill.instrument', '=', filter.instrument)
  if (filter.orders !== undefined) query = query.where('fill.order_id', 'in', [...filter.orders])
  const rows = await query.orderBy('fill.at', 'desc').orderBy('fill.id', 'desc').limit(filter.limit).execute()
  return rows.map(row => ({
    id: `${row.order_id}/${row.id}`,
    order: row.order_id,
    run: row.run_id,
    runName: row.run_name,
    instrument: row.instrument,
    side: row.side,
    price: row.price,
    quantity: row.quantity,
    fee: row.fee,
    feeAsset: row.fee_asset,
    liquidity: row.liquidity,
    at: row.at,
  }))
}

export async function saveEquity(
  tx: TenantTx,
  points: readonly { run: string; at: number; equity: string }[],
): Promise<void> {
  if (points.length === 0) return
  await tx
    .insertInto('equity_point')
    .values(points.map(point => ({ tenant_id: tx.tenant, run_id: point.run, at: point.at, equity: point.equity })))
    .onConflict(conflict => conflict.doNothing())
    .execute()
}

/** Equity since `from`, oldest first, thinned to at most `limit` points in time by taking every nth. */
export async function equitySince(tx: TenantTx, from: number, limit: number): Promise<EquityPoint[]> {
  const { rows } = await sql<{ run: string; at: number; equity: string }>`
    WITH times AS (SELECT DISTINCT at FROM equity_point WHERE tenant_id = ${tx.tenant} AND at >= ${from}),
    numbered AS (SELECT at, row_number() OVER (ORDER BY at DESC) AS n, count(*) OVER () AS total FROM times)
    SELECT p.run_id AS run, p.at, p.equity FROM equity_point p JOIN numbered t ON t.at = p.at
    WHERE p.tenant_id = ${tx.tenant} AND (t.n - 1) % greatest(1, ceil(t.total::numeric / ${limit})::int) = 0
    ORDER BY p.at, p.run_id`.execute(tx as unknown as Kysely<unknown>)
  return rows
}
