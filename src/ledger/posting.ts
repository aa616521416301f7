import { sql } from 'kysely'
import { AppError, assert, type ErrorCode, type IdSource, type TenantId } from '../kernel/index.ts'
import type { Database, TenantTx } from '../platform/index.ts'
import type { AccountId } from './account.ts'
import { faultOf, inputHash, JOURNALS_PER_BATCH_MAX, type JournalId, type NewJournal, type Posted } from './journal.ts'

/** What `ledger_post` and the constraints behind it raise, by SQLSTATE or name, and what the detail names. */
const REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  BL001: ['ledger.insufficient_funds', 'account'],
  BL002: ['ledger.unbalanced', 'journal'],
  BL003: ['ledger.account_unknown', 'account'],
  BL004: ['ledger.funds_mixed', 'journal'],
  BL005: ['ledger.key_conflict', 'key'],
  BL006: ['ledger.not_reversible', 'journal'],
  BL007: ['ledger.hold_required', 'journal'],
  ledger_account_minimum: ['ledger.insufficient_funds', ''],
  ledger_hold_remaining: ['ledger.hold_exceeded', ''],
}
/** An amount or a balance of more than 38 digits. */
const OUT_OF_RANGE = '22003'

function refusalOf(error: unknown): unknown {
  const { code, constraint, detail } = (error ?? {}) as { code?: string; constraint?: string; detail?: string }
  if (code === OUT_OF_RANGE)
    return new AppError(
      'request.invalid',
      { field: 'amount', rule: 'keeps balances within 38 digits' },
      { cause: error },
    )
  const refusal = REFUSALS[code ?? ''] ?? REFUSALS[constraint ?? '']
  if (refusal === undefined) return error
  const [as, names] = refusal
  return new AppError(as, names === '' ? {} : { [names]: detail }, { cause: error })
}

/**
 * Posts journals in their order within the caller's transaction, all or none, and tells what became of each. The database
 * enforces every rule again; see `migrations/0203-ledger-accounts-once.sql`.
 * @throws AppError `request.invalid`, `ledger.unbalanced`, `ledger.account_unknown`, `ledger.insufficient_funds`,
 * `ledger.funds_mixed`, `ledger.key_conflict`, `ledger.not_reversible`, `ledger.hold_required` or `ledger.hold_exceeded`: the
 * transaction is over then. `event.conflict` when another transaction was in the way: retry.
 */
export async function post(tx: TenantTx, journals: readonly NewJournal[], ids: IdSource): Promise<Posted[]> {
  for (const journal of journals) {
    const fault = faultOf(journal)
    if (fault) throw fault
  }
  return postChecked(tx, journals, ids)
}

async function postChecked(tx: TenantTx, journals: readonly NewJournal[], ids: IdSource): Promise<Posted[]> {
  assert(journals.length <= JOURNALS_PER_BATCH_MAX, `at most ${JOURNALS_PER_BATCH_MAX} journals are posted at once`)
  if (journals.length === 0) return []
  const own = journals.map(() => ids.next())
  const { accounts, lines } = byAccount(journals)
  const holds = journals.map(({ hold }, i) => (hold === undefined ? null : 'id' in hold ? hold.id : own[i]))
  const ends = journals.map(({ hold }) => (hold !== undefined && 'expiresAt' in hold ? hold.expiresAt : null))
  try {
    const { rows } = await sql<{ id: JournalId; fresh: boolean }>`SELECT * FROM ledger_post(
      ${own}, ${journals.map(journal => journal.key)}, ${journals.map(journal => journal.kind)},
      ${plain(journals.map(inputHash))}, ${plain(journals.map(journal => journal.at))},
      ${journals.map(journal => journal.cause ?? null)}, ${journals.map(journal => journal.reverses ?? null)},
      ${holds}, ${ends}, ${plain(accounts)},
      ${plain(lines.map(line => line.journal))}, ${plain(lines.map(line => line.n))},
      ${plain(lines.map(line => line.account))}, ${lines.map(line => line.asset)},
      ${plain(lines.map(line => line.amount))})`.execute(tx)
    assert(rows.length === journals.length, 'every journal is answered')
    return rows.map(({ id, fresh }) => ({ id, outcome: fresh ? 'posted' : 'repeated' }))
  } catch (error) {
    throw refusalOf(error)
  }
}

/** The accounts of journals, each once, and the lines by account, all counted from 1. */
function byAccount(journals: readonly NewJournal[]) {
  const numbers = new Map<AccountId, number>()
  const own: { journal: number; n: number; account: number; asset: string; amount: bigint }[][] = []
  for (const [i, journal] of journals.entries())
    for (const [n, { account, asset, amount }] of journal.lines.entries()) {
      let number = numbers.get(account)
      if (number === undefined) {
        number = own.push([])
        numbers.set(account, number)
      }
      own[number - 1]!.push({ journal: i + 1, n: n + 1, account: number, asset, amount })
    }
  return { accounts: [...numbers.keys()], lines: own.flat() }
}

/** Numbers, and hexadecimal digits, as PostgreSQL writes an array: they need no quotes, and are most of what is sent. */
const plain = (values: readonly (number | bigint | string)[]): string => `{${values.join(',')}}`

/** What became of one journal of many: as {@link Posted}, or refused with the reason. */
export type Outcome = Posted | { readonly outcome: 'refused'; readonly error: AppError }

/**
 * Posts journals in their order in one transaction, as if one after another: one that is refused does not keep the others
 * from being posted. The batch is tried whole; only when it fails is it halved until the bad ones are alone.
 * @throws AppError `database.unavailable`, or `event.conflict` when another transaction was in the way: nothing was posted, retry.
 */
export async function postEach(
  db: Database,
  tenant: TenantId,
  journals: readonly NewJournal[],
  ids: IdSource,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = journals.map(journal => {
    const error = faultOf(journal)
    return error ? { outcome: 'refused', error } : WAITING
  })
  const sound = journals.map((_, i) => i).filter(i => outcomes[i] === WAITING)
  const settle = (indexes: readonly number[], posted: readonly Outcome[]) => {
    for (const [n, i] of indexes.entries()) outcomes[i] = posted[n]!
  }
  const pick = (indexes: readonly number[]) => indexes.map(i => journals[i]!)
  try {
    settle(sound, await db.tenant(tenant, tx => postChecked(tx, pick(sound), ids)))
    return outcomes
  } catch (error) {
    if (!isRefused(error)) throw error
    if (sound.length === 1) settle(sound, [{ outcome: 'refused', error }])
    if (sound.length === 1) return outcomes
  }
  await db.tenant(tenant, async tx => {
    // Locked at once: the halves would lock in an order of their own.
    const accounts = [...new Set(pick(sound).flatMap(journal => journal.lines.map(line => line.account)))]
    await sql`SELECT ledger_lock(${accounts})`.execute(tx)
    await halve(sound)

    async function halve(indexes: readonly number[]): Promise<void> {
      const half = indexes.length >> 1
      for (const part of [indexes.slice(0, half), indexes.slice(half)]) await attempt(part)
    }
    async function attempt(indexes: readonly number[]): Promise<void> {
      await sql`SAVEPOINT part`.execute(tx)
      try {
        settle(indexes, await postChecked(tx, pick(indexes), ids))
        await sql`RELEASE SAVEPOINT part`.execute(tx)
      } catch (error) {
        if (!isRefused(error)) throw error
        await sql`ROLLBACK TO SAVEPOINT part`.execute(tx)
        if (indexes.length > 1) await halve(indexes)
        else settle(indexes, [{ outcome: 'refused', error }])
      }
    }
  })
  return outcomes
}

const WAITING = {} as Outcome

/** Whether a journal was at fault, and not the database. */
const isRefused = (error: unknown): error is AppError =>
  error instanceof AppError && (error.code === 'request.invalid' || error.code.startsWith('ledger.'))
