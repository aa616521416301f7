import { sql } from 'kysely'
import type { Side } from '../../kernel/index.ts'
import { AppError, PAGE_SIZE_MAX } from '../../kernel/index.ts'
import type { TenantTx } from '../../platform/index.ts'
import type { ChangeRow, FillRow, OrderRow } from './projection.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    exchange_checkpoint: { tenant_id: string; shard: number; sequence: number }
    exchange_order: OrderTable
    exchange_fill: FillTable
  }
}

export interface OrderTable {
  tenant_id: string
  shard: number
  id: number
  owner: string
  pair: string
  client_id: string
  side: Side
  type: OrderRow['type']
  time_in_force: OrderRow['time_in_force']
  post_only: boolean
  state: 'waiting' | 'open' | 'filled' | 'canceled' | 'expired'
  price: string | null
  trigger_price: string | null
  quantity: string
  display: string | null
  filled: string
  cost: string
  fees: string
  reason: string | null
  expire_at: number | null
  created_at: number
  updated_at: number
}

export interface FillTable {
  tenant_id: string
  shard: number
  sequence: number
  pair: string
  trade: number
  order_id: number
  owner: string
  client_id: string
  side: Side
  price: string
  quantity: string
  fee: string
  liquidity: 'maker' | 'taker' | 'auction'
  at: number
}

/** How far a shard has been written; 0 when nothing has. */
export async function checkpointOf(tx: TenantTx, shard: number): Promise<number> {
  const row = await tx
    .selectFrom('exchange_checkpoint')
    .select('sequence')
    .where('tenant_id', '=', tx.tenant)
    .where('shard', '=', shard)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

/** Moves the checkpoint; whoever was not at `from` has been overtaken, and writes nothing. @throws AppError `exchange.lease_lost` */
export async function moveCheckpoint(tx: TenantTx, shard: number, from: number, to: number): Promise<void> {
  const { rows } = await sql`
    INSERT INTO exchange_checkpoint AS c (tenant_id, shard, sequence) VALUES (${tx.tenant}, ${shard}, ${to})
    ON CONFLICT (tenant_id, shard) DO UPDATE SET sequence = excluded.sequence WHERE c.sequence = ${from}
    RETURNING sequence`.execute(tx)
  if (rows.length === 0)
    throw new AppError('exchange.lease_lost', { shard, rule: 'another process writes its history' })
}

/** Orders as they were placed; what has happened to them since comes by {@link changeOrders}. */
export async function insertOrders(tx: TenantTx, shard: number, rows: readonly OrderRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    INSERT INTO exchange_order (tenant_id, shard, id, owner, pair, client_id, side, type, time_in_force, post_only, state,
      price, trigger_price, quantity, display, expire_at, created_at, updated_at, filled, cost, fees)
    SELECT ${tx.tenant}, ${shard}, o.id, o.owner, o.pair, o.client_id, o.side, o.type, o.time_in_force, o.post_only, o.state,
      o.price, o.trigger_price, o.quantity, o.display, o.expire_at, o.created_at, o.created_at, 0, 0, 0
    FROM json_populate_recordset(null::exchange_order, ${JSON.stringify(rows)}) o`.execute(tx)
}

export async function changeOrders(tx: TenantTx, shard: number, rows: readonly ChangeRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    UPDATE exchange_order o SET
      quantity = coalesce(o.filled + c.filled_before + c.open, o.quantity),
      filled = o.filled + c.filled, cost = o.cost + c.cost, fees = o.fees + c.fees,
      state = coalesce(c.state, o.state), reason = coalesce(c.reason, o.reason), price = coalesce(c.price, o.price),
      updated_at = c.updated_at
    FROM json_to_recordset(${JSON.stringify(rows)}) AS c (id bigint, filled numeric, cost numeric, fees numeric, state text,
      reason text, price numeric, open numeric, filled_before numeric, updated_at bigint)
    WHERE o.tenant_id = ${tx.tenant} AND o.shard = ${shard} AND o.id = c.id`.execute(tx)
}

/** The same fill twice breaks the primary key and with it the transaction. */
export async function insertFills(tx: TenantTx, shard: number, rows: readonly FillRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    INSERT INTO exchange_fill (tenant_id, shard, sequence, pair, trade, order_id, owner, client_id, side, price, quantity, fee,
      liquidity, at)
    SELECT ${tx.tenant}, ${shard}, f.sequence, f.pair, f.trade, f.order_id, f.owner, o.client_id, f.side, f.price, f.quantity,
      f.fee, f.liquidity, f.at
    FROM json_populate_recordset(null::exchange_fill, ${JSON.stringify(rows)}) f
    JOIN exchange_order o ON o.tenant_id = ${tx.tenant} AND o.shard = ${shard} AND o.id = f.order_id`.execute(tx)
}

export interface OrderQuery {
  readonly owner: string
  readonly state?: 'open' | 'closed'
  readonly pair?: string
  readonly id?: { readonly shard: number; readonly id: number }
  readonly clientId?: string
  readonly before?: { readonly createdAt: number; readonly id: number }
  readonly limit?: number
}

/** Orders of an owner, newest first. */
export async function findOrders(tx: TenantTx, query: OrderQuery): Promise<OrderTable[]> {
  let rows = tx
    .selectFrom('exchange_order')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('owner', '=', query.owner)
  if (query.state === 'open') rows = rows.where('state', 'in', ['waiting', 'open'])
  if (query.state === 'closed') rows = rows.where('state', 'not in', ['waiting', 'open'])
  if (query.pair !== undefined) rows = rows.where('pair', '=', query.pair)
  if (query.id !== undefined) rows = rows.where('shard', '=', query.id.shard).where('id', '=', query.id.id)
  if (query.clientId !== undefined) rows = rows.where('client_id', '=', query.clientId).where('client_id', '<>', '')
  if (query.before !== undefined)
    rows = rows.where(sql<boolean>`(created_at, id) < (${query.before.createdAt}, ${query.before.id})`)
  return rows
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit ?? PAGE_SIZE_MAX)
    .execute()
}

/** Trades of a market, newest first, each once: as the taker's fill, or in an uncross that of the later order. */
export async function findTrades(
  tx: TenantTx,
  shard: number,
  pair: string,
  limit: number,
): Promise<Pick<FillTable, 'trade' | 'side' | 'price' | 'quantity' | 'at'>[]> {
  const { rows } = await sql<Pick<FillTable, 'trade' | 'side' | 'price' | 'quantity' | 'at'>>`
    SELECT DISTINCT ON (trade) trade, side, price, quantity, at FROM exchange_fill
    WHERE tenant_id = ${tx.tenant} AND shard = ${shard} AND pair = ${pair}
    ORDER BY trade DESC, liquidity = 'maker', order_id DESC LIMIT ${limit}`.execute(tx)
  return rows
}

/** Where a fill is in the list of an owner's fills: those of one commit have the same time, those of two pairs may have one number. */
export interface FillPlace {
  readonly at: number
  readonly trade: number
  readonly pair: string
  readonly order: { readonly shard: number; readonly id: number }
}

export interface FillQuery {
  readonly owner: string
  readonly pair?: string
  readonly order?: { readonly shard: number; readonly id: number }
  readonly since?: number
  /** Goes on after the fill that is here. */
  readonly before?: FillPlace
  readonly limit?: number
}

/** Fills of an owner, newest first. The order has no ties: a page that begins where another ended leaves none out. */
export async function findFills(tx: TenantTx, query: FillQuery): Promise<FillTable[]> {
  const { owner, pair, order, since, before, limit = PAGE_SIZE_MAX } = query
  let rows = tx.selectFrom('exchange_fill').selectAll().where('tenant_id', '=', tx.tenant).where('owner', '=', owner)
  if (pair !== undefined) rows = rows.where('pair', '=', pair)
  if (order !== undefined) rows = rows.where('shard', '=', order.shard).where('order_id', '=', order.id)
  if (since !== undefined) rows = rows.where('at', '>=', since)
  if (before !== undefined) {
    const { at, trade } = before
    // The first of them is what the index has.
    rows = rows.where(sql<boolean>`(at, trade) <= (${at}, ${trade})
      AND (at, trade, pair, shard, order_id) < (${at}, ${trade}, ${before.pair}, ${before.order.shard}, ${before.order.id})`)
  }
  return rows
    .orderBy('at', 'desc')
    .orderBy('trade', 'desc')
    .orderBy('pair', 'desc')
    .orderBy('shard', 'desc')
    .orderBy('order_id', 'desc')
    .limit(limit)
    .execute()
}

/** Every fill of an owner since a time, oldest first. */
export async function findFillsSince(
  tx: TenantTx,
  query: Pick<FillQuery, 'owner' | 'pair'> & { readonly since: number },
): Promise<FillTable[]> {
  const found: FillTable[] = []
  for (let before: FillPlace | undefined; ; ) {
    const page = await findFills(tx, { ...query, before })
    for (const row of page) found.push(row)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE_SIZE_MAX) return found.reverse()
    before = { at: last.at, trade: last.trade, pair: last.pair, order: { shard: last.shard, id: last.order_id } }
  }
}
