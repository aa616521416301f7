import { sql } from 'kysely'
import { PAGE_SIZE_MAX } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { FillTable } from './history/store.ts'

/** A fill's place in the list of an owner's fills: fills of one commit have the same time, those of two pairs may have one number. */
export interface FillPlace {
  readonly at: number
  readonly pair: string
  readonly trade: number
  readonly order: number
}

export interface FillPageQuery {
  readonly owner: string
  readonly pair?: string
  readonly before?: FillPlace
  readonly limit?: number
}

/** Fills of an owner in one order without ties, newest first: a page that begins where another ended leaves none out. */
export function findFillPage(tx: TenantTx, { owner, pair, before, limit }: FillPageQuery): Promise<FillTable[]> {
  let rows = tx.selectFrom('exchange_fill').selectAll().where('tenant_id', '=', tx.tenant).where('owner', '=', owner)
  if (pair !== undefined) rows = rows.where('pair', '=', pair)
  if (before !== undefined)
    // The first of them is what the index has.
    rows = rows.where(sql<boolean>`(at, trade) <= (${before.at}, ${before.trade})
      AND (at, trade, pair, order_id) < (${before.at}, ${before.trade}, ${before.pair}, ${before.order})`)
  return rows
    .orderBy('at', 'desc')
    .orderBy('trade', 'desc')
    .orderBy('pair', 'desc')
    .orderBy('order_id', 'desc')
    .limit(limit ?? PAGE_SIZE_MAX)
    .execute()
}
