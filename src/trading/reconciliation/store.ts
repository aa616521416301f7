import { sql } from 'kysely'
import { PAGE_SIZE_MAX } from '../../kernel/index.ts'
import type { TenantTx } from '../../platform/index.ts'
import { fillKey } from './compare.ts'
import type { DiscrepancyView, ReconciliationView } from './views.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    reconciliation: ReconciliationTable
    discrepancy: DiscrepancyTable
    venue_baseline: { tenant_id: string; venue: string; asset: string; total: string; at: number }
  }
}

interface ReconciliationTable {
  tenant_id: string
  id: string
  venue: string
  trigger: ReconciliationView['trigger']
  started_at: number
  finished_at: number
  error: string | null
  orders: number
  fills: number
  balances: number
  corrected: number
  escalated: number
}

interface DiscrepancyTable {
  tenant_id: string
  id: string
  venue: string
  kind: DiscrepancyView['kind']
  classification: string
  action: DiscrepancyView['action']
  subject: string
  ours: string
  theirs: string
  explanation: string
  found_at: number
  settled_at: number | null
  settled_by: string | null
}

export async function saveReconciliation(tx: TenantTx, view: ReconciliationView): Promise<void> {
  const { id, venue, trigger, startedAt, finishedAt, error, orders, fills, balances, corrected, escalated } = view
  await tx
    .insertInto('reconciliation')
    .values({
      tenant_id: tx.tenant,
      id,
      venue,
      trigger,
      started_at: startedAt,
      finished_at: finishedAt,
      error,
      orders,
      fills,
      balances,
      corrected,
      escalated,
    })
    .execute()
}

/** Writes what is not written yet; gives the ids of those. */
export async function saveDiscrepancies(tx: TenantTx, found: readonly DiscrepancyView[]): Promise<Set<string>> {
  if (found.length === 0) return new Set()
  const rows = await tx
    .insertInto('discrepancy')
    .values(
      found.map(one => ({
        tenant_id: tx.tenant,
        id: one.id,
        venue: one.venue,
        kind: one.kind,
        classification: one.classification,
        action: one.action,
        subject: one.subject,
        ours: one.ours,
        theirs: one.theirs,
        explanation: one.explanation,
        found_at: one.foundAt,
        settled_at: one.settledAt,
        settled_by: one.settledBy,
      })),
    )
    .onConflict(conflict => conflict.columns(['tenant_id', 'id']).doNothing())
    .returning('id')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** When the last complete reconciliation of a venue began; null when there was none. */
export async function lastComplete(tx: TenantTx, venue: string): Promise<number | null> {
  const row = await tx
    .selectFrom('reconciliation')
    .select('started_at')
    .where('tenant_id', '=', tx.tenant)
    .where('venue', '=', venue)
    .where('error', 'is', null)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.started_at ?? null
}

/** Which of these fills are booked, as `<instrument> <fill id>`. */
export async function bookedFills(
  tx: TenantTx,
  fills: readonly { readonly instrument: string; readonly id: string }[],
): Promise<Set<string>> {
  if (fills.length === 0) return new Set()
  const rows = await tx
    .selectFrom('fill')
    .select(['instrument', 'id'])
    .where('tenant_id', '=', tx.tenant)
    .where('id', 'in', [...new Set(fills.map(({ id }) => id))])
    .execute()
  return new Set(rows.map(row => fillKey(row.instrument, row.id)))
}

/** Our orders by the venue's ids, as `<instrument> <venue id>` → our id. */
export async function ordersByVenueId(
  tx: TenantTx,
  ids: readonly { readonly instrument: string; readonly venueOrderId: string }[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .selectFrom('orders')
    .select(['instrument', 'venue_order_id', 'id'])
    .where('tenant_id', '=', tx.tenant)
    .where('venue_order_id', 'in', [...new Set(ids.map(({ venueOrderId }) => venueOrderId))])
    .execute()
  return new Map(rows.map(row => [`${row.instrument} ${row.venue_order_id}`, row.id]))
}

/** What our fills at a venue since its baseline come to, by asset: bought and sold, paid and charged. */
export async function movedSince(tx: TenantTx, venue: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ asset: string; moved: string }>`
    WITH mine AS (
      SELECT split_part(split_part(f.instrument, ':', 2), '/', 1) AS base,
             split_part(split_part(f.instrument, ':', 2), '/', 2) AS quote,
             CASE f.side WHEN 'buy' THEN 1 ELSE -1 END AS sign, f.price, f.quantity, f.fee, f.fee_asset, f.at
      FROM fill f WHERE f.tenant_id = ${tx.tenant} AND f.instrument LIKE ${`${venue}:%`}
    ), moves AS (
      SELECT base AS asset, sign * quantity AS amount, at FROM mine
      UNION ALL SELECT quote, -sign * price * quantity, at FROM mine
      UNION ALL SELECT fee_asset, -fee, at FROM mine
    )
    SELECT m.asset, sum(m.amount)::text AS moved FROM moves m
    JOIN venue_baseline b ON b.tenant_id = ${tx.tenant} AND b.venue = ${venue} AND b.asset = m.asset
    WHERE m.at > b.at GROUP BY m.asset`.execute(tx as never)
  return new Map(rows.map(row => [row.asset, row.moved]))
}

export async function baselinesOf(tx: TenantTx, venue: string): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('venue_baseline')
    .select(['asset', 'total'])
    .where('tenant_id', '=', tx.tenant)
    .where('venue', '=', venue)
    .execute()
  return new Map(rows.map(row => [row.asset, row.total]))
}

/** Takes what the account holds now as what it should hold. */
export async function saveBaselines(
  tx: TenantTx,
  venue: string,
  totals: readonly { readonly asset: string; readonly total: string }[],
  at: number,
): Promise<void> {
  if (totals.length === 0) return
  await tx
    .insertInto('venue_baseline')
    .values(totals.map(({ asset, total }) => ({ tenant_id: tx.tenant, venue, asset, total, at })))
    .onConflict(conflict =>
      conflict
        .columns(['tenant_id', 'venue', 'asset'])
        .doUpdateSet(row => ({ total: row.ref('excluded.total'), at: row.ref('excluded.at') })),
    )
    .execute()
}

/** The last reconciliations, newest first. */
export async function reconciliationsOf(
  tx: TenantTx,
  { venue, limit }: { venue?: string; limit: number },
): Promise<ReconciliationView[]> {
  let query = tx.selectFrom('reconciliation').selectAll().where('tenant_id', '=', tx.tenant)
  if (venue !== undefined) query = query.where('venue', '=', venue)
  const rows = await query.orderBy('started_at', 'desc').limit(Math.min(limit, PAGE_SIZE_MAX)).execute()
  return rows.map(({ tenant_id: _, started_at: startedAt, finished_at: finishedAt, ...row }) => ({
    ...row,
    startedAt,
    finishedAt,
  }))
}

/** What was found, newest first. */
export async function discrepanciesOf(
  tx: TenantTx,
  { venue, limit }: { venue?: string; limit: number },
): Promise<DiscrepancyView[]> {
  let query = tx.selectFrom('discrepancy').selectAll().where('tenant_id', '=', tx.tenant)
  if (venue !== undefined) query = query.where('venue', '=', venue)
  const rows = await query.orderBy('found_at', 'desc').orderBy('id').limit(Math.min(limit, PAGE_SIZE_MAX)).execute()
  return rows.map(({ tenant_id: _, found_at: foundAt, settled_at: settledAt, settled_by: settledBy, ...row }) => ({
    ...row,
    foundAt,
    settledAt,
    settledBy,
  }))
}
