import { type Kysely, sql } from 'kysely'
import { AppError, type IdSource, type Micros } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { Account, AccountId, AccountKind } from './account.ts'
import { type JournalId, type Line, type NewJournal, type Posted, reversalOf } from './journal.ts'
import { post } from './posting.ts'
import { accountOf } from './store.ts'

declare module '../platform/index.ts' {
  interface Schema {
    ledger_journal: JournalTable
    ledger_entry: EntryTable
  }
}

interface JournalTable {
  tenant_id: string
  id: string
  key: string
  kind: string
  input_hash: Buffer
  at: number
  cause: string | null
  reverses: string | null
  hold_id: string | null
  xid: string
}

interface EntryTable {
  tenant_id: string
  journal_id: string
  line: number
  account_id: string
  asset: string
  amount: string
  balance_after: string
  account_version: number
  at: number
}

/** A journal as it was posted. */
export interface Journal {
  readonly id: JournalId
  readonly key: string
  readonly kind: string
  readonly at: Micros
  readonly cause: string | null
  readonly reverses: JournalId | null
  /** The journal that undid it. */
  readonly reversedBy: JournalId | null
  readonly hold: JournalId | null
}

/** One line of a posted journal, with the account as it was after it. */
export interface Entry extends Line {
  readonly journal: JournalId
  readonly line: number
  readonly balanceAfter: bigint
  readonly version: number
  readonly at: Micros
}

const toEntry = (row: EntryTable): Entry => ({
  journal: row.journal_id as JournalId,
  line: row.line,
  account: row.account_id as AccountId,
  asset: row.asset,
  amount: BigInt(row.amount),
  balanceAfter: BigInt(row.balance_after),
  version: row.account_version,
  at: row.at,
})

const toJournal = (row: Omit<JournalTable, 'input_hash'> & { reversed_by: string | null }): Journal => ({
  id: row.id as JournalId,
  key: row.key,
  kind: row.kind,
  at: row.at,
  cause: row.cause,
  reverses: row.reverses as JournalId | null,
  reversedBy: row.reversed_by as JournalId | null,
  hold: row.hold_id as JournalId | null,
})

const journalRows = (tx: TenantTx) =>
  tx
    .selectFrom('ledger_journal as j')
    .leftJoin('ledger_journal as r', join =>
      join.onRef('r.tenant_id', '=', 'j.tenant_id').onRef('r.reverses', '=', 'j.id'),
    )
    .select(['j.tenant_id', 'j.id', 'j.key', 'j.kind', 'j.at', 'j.cause', 'j.reverses', 'j.hold_id', 'j.xid'])
    .select('r.id as reversed_by')
    .where('j.tenant_id', '=', tx.tenant)

/** A journal with its lines. @throws AppError `ledger.journal_unknown` */
export async function journalOf(tx: TenantTx, id: string): Promise<{ journal: Journal; entries: readonly Entry[] }> {
  const row = await journalRows(tx).where('j.id', '=', id).executeTakeFirst()
  if (row === undefined) throw new AppError('ledger.journal_unknown', { field: 'id', rule: 'is a journal of yours' })
  const entries = await tx
    .selectFrom('ledger_entry')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('journal_id', '=', id)
    .orderBy('line')
    .execute()
  return { journal: toJournal(row), entries: entries.map(toEntry) }
}

export interface JournalFilter {
  readonly account?: string
  readonly cause?: string
  /** The id of the last journal of the page before. */
  readonly before?: string
  readonly limit: number
}

/** Journals, newest first: in the order of the transactions that posted them. */
export async function journalsOf(tx: TenantTx, filter: JournalFilter): Promise<Journal[]> {
  const { account, cause, before, limit } = filter
  if (account !== undefined) return journalsOfAccount(tx, { ...filter, account })
  let query = journalRows(tx)
  if (cause !== undefined) query = query.where('j.cause', '=', cause)
  if (before !== undefined)
    query = query.where(
      sql<boolean>`(j.xid, j.id) < (SELECT b.xid, b.id FROM ledger_journal b WHERE b.tenant_id = ${tx.tenant} AND b.id = ${before})`,
    )
  return (await query.orderBy('j.xid', 'desc').orderBy('j.id', 'desc').limit(limit).execute()).map(toJournal)
}

/** By the versions of the account: each journal once, at its last line there. */
async function journalsOfAccount(tx: TenantTx, filter: JournalFilter & { account: string }): Promise<Journal[]> {
  const last = (entry: string, journal: unknown) =>
    sql`(SELECT max(x.account_version) FROM ledger_entry x WHERE x.tenant_id = ${tx.tenant}
      AND x.journal_id = ${journal} AND x.account_id = ${sql.raw(entry)})`
  let query = journalRows(tx)
    .innerJoin('ledger_entry as e', join =>
      join.onRef('e.tenant_id', '=', 'j.tenant_id').onRef('e.journal_id', '=', 'j.id'),
    )
    .where('e.account_id', '=', filter.account)
    .where(sql<boolean>`e.account_version = ${last('e.account_id', sql.ref('e.journal_id'))}`)
  if (filter.cause !== undefined) query = query.where('j.cause', '=', filter.cause)
  if (filter.before !== undefined)
    query = query.where(sql<boolean>`e.account_version < ${last('e.account_id', filter.before)}`)
  return (await query.orderBy('e.account_version', 'desc').limit(filter.limit).execute()).map(toJournal)
}

export interface EntryPage {
  /** Versions of the account below this. */
  readonly before?: number
  readonly limit: number
}

/** Entries of one account, newest first. */
export async function entriesOf(tx: TenantTx, account: string, page: EntryPage): Promise<Entry[]> {
  let query = tx
    .selectFrom('ledger_entry')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('account_id', '=', account)
  if (page.before !== undefined) query = query.where('account_version', '<', page.before)
  return (await query.orderBy('account_version', 'desc').limit(page.limit).execute()).map(toEntry)
}

/**
 * Undoes a journal by one with the signs turned.
 * @throws AppError `ledger.journal_unknown`; `ledger.not_reversible` for one that has been reversed, is a reversal, or belongs
 * to a hold; `ledger.insufficient_funds` when the money is no longer there; and as `post`
 */
export async function reverse(
  tx: TenantTx,
  id: string,
  booking: Pick<NewJournal, 'key' | 'at' | 'cause'>,
  ids: IdSource,
): Promise<Posted> {
  const { journal, entries } = await journalOf(tx, id)
  if (journal.hold !== null) throw new AppError('ledger.not_reversible', { journal: id, fix: 'Void the hold.' })
  return (await post(tx, [reversalOf({ id: journal.id, lines: entries }, booking)], ids))[0]!
}

/** The balance of an account after everything booked up to `at`, and the version that it had. */
export async function balanceAt(
  tx: TenantTx,
  account: string,
  at: Micros,
): Promise<{ balance: bigint; version: number }> {
  const { rows } = await sql<{ balance: string; version: number }>`
    SELECT v.version, coalesce((SELECT e.balance_after FROM ledger_entry e WHERE e.tenant_id = ${tx.tenant}
      AND e.account_id = ${account} AND e.account_version = v.version), 0) AS balance
    FROM ledger_version_at(${account}, ${at}) AS v (version)`.execute(tx as unknown as Kysely<unknown>)
  return { balance: BigInt(rows[0]!.balance), version: rows[0]!.version }
}

/** What the accounts of one kind hold of one asset: sums of those below and those above zero, in the smallest unit. */
export interface TrialRow {
  readonly kind: AccountKind
  readonly asset: string
  readonly scale: number
  readonly accounts: number
  readonly debit: bigint
  readonly credit: bigint
}

/** The trial balance by kind and asset, now or as of a time: per asset, debits and credits are the same. */
export async function trialBalance(tx: TenantTx, at?: Micros): Promise<TrialRow[]> {
  const balance =
    at === undefined
      ? sql`a.balance`
      : sql`coalesce((SELECT e.balance_after FROM ledger_entry e WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id
          AND e.account_version = ledger_version_at(a.id, ${at})), 0)`
  const { rows } = await sql<{
    kind: AccountKind
    asset: string
    scale: number
    accounts: number
    debit: string
    credit: string
  }>`SELECT b.kind, b.asset, s.scale, count(*) AS accounts,
      coalesce(-sum(b.balance) FILTER (WHERE b.balance < 0), 0) AS debit,
      coalesce(sum(b.balance) FILTER (WHERE b.balance > 0), 0) AS credit
    FROM (SELECT a.kind, a.asset, ${balance} AS balance FROM ledger_account a WHERE a.tenant_id = ${tx.tenant}) AS b
    JOIN ledger_asset s ON s.tenant_id = ${tx.tenant} AND s.code = b.asset
    GROUP BY b.kind, b.asset, s.scale ORDER BY b.asset, b.kind`.execute(tx as unknown as Kysely<unknown>)
  return rows.map(row => ({ ...row, debit: BigInt(row.debit), credit: BigInt(row.credit) }))
}

const STATEMENT_LINES_MAX = 10_000

/** An account over a stretch of time. */
export interface Statement {
  readonly account: Account
  readonly from: Micros
  /** Not included. */
  readonly to: Micros
  readonly opening: bigint
  readonly lines: readonly (Entry & Pick<Journal, 'kind' | 'key' | 'cause'>)[]
  readonly closing: bigint
}

/**
 * What moved an account from `from` up to, not including, `to`: oldest first, with the balance after each line.
 * @throws AppError `ledger.account_unknown`, `request.invalid` for more than STATEMENT_LINES_MAX lines
 */
export async function statementOf(tx: TenantTx, id: string, from: Micros, to: Micros): Promise<Statement> {
  const account = await accountOf(tx, id)
  const opening = await balanceAt(tx, id, from - 1)
  const closing = await balanceAt(tx, id, to - 1)
  if (closing.version - opening.version > STATEMENT_LINES_MAX)
    throw new AppError('request.invalid', {
      field: 'from',
      rule: `gives at most ${STATEMENT_LINES_MAX} lines; these are ${closing.version - opening.version}`,
      fix: 'Ask for a shorter time.',
    })
  const rows = await tx
    .selectFrom('ledger_entry as e')
    .innerJoin('ledger_journal as j', join =>
      join.onRef('j.tenant_id', '=', 'e.tenant_id').onRef('j.id', '=', 'e.journal_id'),
    )
    .selectAll('e')
    .select(['j.kind', 'j.key', 'j.cause'])
    .where('e.tenant_id', '=', tx.tenant)
    .where('e.account_id', '=', id)
    .where('e.account_version', '>', opening.version)
    .where('e.account_version', '<=', closing.version)
    .orderBy('e.account_version')
    .execute()
  const lines = rows.map(row => ({ ...toEntry(row), kind: row.kind, key: row.key, cause: row.cause }))
  return { account, from, to, opening: opening.balance, lines, closing: closing.balance }
}
