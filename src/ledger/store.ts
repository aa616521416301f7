import { sql } from 'kysely'
import { AppError, assert, type IdSource, type Micros } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { Account, AccountId, AccountKind, Asset, NewAccount } from './account.ts'

declare module '../platform/index.ts' {
  interface Schema {
    ledger_asset: { tenant_id: string; code: string; scale: number }
    ledger_account: AccountTable
  }
}

interface AccountTable {
  tenant_id: string
  id: string
  asset: string
  kind: AccountKind
  owner: string
  shard: string | null
  minimum: string | null
  balance: string
  version: number
  updated_at: number
}

/**
 * Makes assets known to the tenant's books; those that are there stay.
 * @throws AppError `state.conflict` for one that is there with another scale
 */
export async function openAssets(tx: TenantTx, assets: readonly Asset[]): Promise<void> {
  if (assets.length === 0) return
  const codes = assets.map(asset => asset.code)
  await sql`INSERT INTO ledger_asset (tenant_id, code, scale)
    SELECT ${tx.tenant}, a.code, a.scale FROM unnest(${codes}::text[], ${assets.map(asset => asset.scale)}::int[]) AS a (code, scale)
    ON CONFLICT DO NOTHING`.execute(tx)
  const known = await tx
    .selectFrom('ledger_asset')
    .select(['code', 'scale'])
    .where('tenant_id', '=', tx.tenant)
    .where('code', 'in', codes)
    .execute()
  const scales = new Map(known.map(({ code, scale }) => [code, scale]))
  const other = assets.find(({ code, scale }) => scales.get(code) !== scale)
  if (other)
    throw new AppError('state.conflict', {
      field: 'scale',
      rule: `of ${other.code} is ${scales.get(other.code)} for good`,
    })
}

/**
 * Accounts by what makes them, in the order asked for; those that are not there yet are opened with nothing in them.
 * @throws AppError `request.invalid` for an account that the books do not allow, or an asset that is not known
 */
export async function openAccounts(
  tx: TenantTx,
  accounts: readonly NewAccount[],
  ids: IdSource,
): Promise<readonly Account[]> {
  if (accounts.length === 0) return []
  const column = <T>(of: (account: NewAccount) => T) => accounts.map(of)
  const own = [
    column(account => account.kind),
    column(account => account.owner),
    column(account => account.asset),
    column(account => account.shard ?? null),
  ]
  const minimums = column(({ minimum = 0n }) => (minimum === null ? null : minimum.toString()))
  try {
    await sql`INSERT INTO ledger_account (tenant_id, id, kind, owner, asset, shard, minimum)
      SELECT ${tx.tenant}, a.* FROM unnest(${column(() => ids.next())}::uuid[], ${own[0]}::text[], ${own[1]}::text[],
        ${own[2]}::text[], ${own[3]}::text[], ${minimums}::numeric[]) AS a ON CONFLICT DO NOTHING`.execute(tx)
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string }
    if (code !== '23514' && code !== '23503') throw error
    throw new AppError('request.invalid', { field: 'account', rule: `is refused by ${constraint}` }, { cause: error })
  }
  const { rows } = await sql<AccountRow>`SELECT a.*, s.scale
    FROM unnest(${own[0]}::text[], ${own[1]}::text[], ${own[2]}::text[], ${own[3]}::text[]) WITH ORDINALITY
      AS w (kind, owner, asset, shard, n)
    JOIN ledger_account a ON a.tenant_id = ${tx.tenant} AND a.kind = w.kind AND a.owner = w.owner AND a.asset = w.asset
      AND a.shard IS NOT DISTINCT FROM w.shard
    JOIN ledger_asset s ON s.tenant_id = a.tenant_id AND s.code = a.asset
    ORDER BY w.n`.execute(tx)
  return rows.map(toAccount)
}

type AccountRow = AccountTable & { scale: number }

const toAccount = (row: AccountRow): Account => ({
  id: row.id as AccountId,
  kind: row.kind,
  owner: row.owner,
  asset: row.asset,
  scale: row.scale,
  shard: row.shard,
  minimum: row.minimum === null ? null : BigInt(row.minimum),
  balance: BigInt(row.balance),
  version: row.version,
  updatedAt: row.updated_at as Micros,
})

export interface AccountFilter {
  readonly kind?: AccountKind
  readonly asset?: string
  readonly owner?: string
  readonly ids?: readonly string[]
  /** The id of the last account of the page before. */
  readonly after?: string
  readonly limit: number
}

/** Accounts by id, which is the order in which they were opened. */
export async function accountsOf(tx: TenantTx, filter: AccountFilter): Promise<Account[]> {
  let query = tx
    .selectFrom('ledger_account as a')
    .innerJoin('ledger_asset as s', join =>
      join.onRef('s.tenant_id', '=', 'a.tenant_id').onRef('s.code', '=', 'a.asset'),
    )
    .selectAll('a')
    .select('s.scale')
    .where('a.tenant_id', '=', tx.tenant)
  if (filter.kind !== undefined) query = query.where('a.kind', '=', filter.kind)
  if (filter.asset !== undefined) query = query.where('a.asset', '=', filter.asset)
  if (filter.owner !== undefined) query = query.where('a.owner', '=', filter.owner)
  if (filter.ids !== undefined) query = query.where('a.id', 'in', [...filter.ids])
  if (filter.after !== undefined) query = query.where('a.id', '>', filter.after)
  const rows = await query.orderBy('a.id').limit(filter.limit).execute()
  return rows.map(toAccount)
}

/** @throws AppError `ledger.account_unknown` */
export async function accountOf(tx: TenantTx, id: string): Promise<Account> {
  const [account] = await accountsOf(tx, { ids: [id], limit: 1 })
  if (account === undefined)
    throw new AppError('ledger.account_unknown', { field: 'id', rule: 'is an account of yours' })
  return account
}

/** The scale of every asset of the tenant, by its code. */
export async function scalesOf(tx: TenantTx): Promise<(asset: string) => number> {
  const rows = await tx
    .selectFrom('ledger_asset')
    .select(['code', 'scale'])
    .where('tenant_id', '=', tx.tenant)
    .execute()
  const scales = new Map(rows.map(({ code, scale }) => [code, scale]))
  return asset => {
    const scale = scales.get(asset)
    assert(scale !== undefined, `${asset} is an asset of the books`)
    return scale
  }
}
