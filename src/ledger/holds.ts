import {
  AppError,
  type Decision,
  type ErrorCode,
  type IdSource,
  isRefusal,
  type Micros,
  type TenantId,
} from '../kernel/index.ts'
import type { Database, TenantTx } from '../platform/index.ts'
import type { AccountId } from './account.ts'
import { capturing, type Hold, placing, voiding } from './hold.ts'
import type { JournalId, NewJournal, Posted } from './journal.ts'
import { post, postEach } from './posting.ts'

declare module '../platform/index.ts' {
  interface Schema {
    ledger_hold: HoldTable
  }
}

interface HoldTable {
  tenant_id: string
  id: string
  account_id: string
  held_id: string
  asset: string
  amount: string
  remaining: string
  expires_at: number | null
}

/** Holds that one sweep ends; the next one goes on. */
const EXPIRED_AT_ONCE_MAX = 500

const toHold = (row: HoldTable): Hold => ({
  id: row.id as JournalId,
  account: row.account_id as AccountId,
  held: row.held_id as AccountId,
  asset: row.asset,
  amount: BigInt(row.amount),
  remaining: BigInt(row.remaining),
  expiresAt: row.expires_at,
})

const holdRows = (tx: TenantTx) => tx.selectFrom('ledger_hold').selectAll().where('tenant_id', '=', tx.tenant)

/** A hold as it stands. @throws AppError `ledger.hold_unknown` */
export async function holdOf(tx: TenantTx, id: string): Promise<Hold> {
  const row = await holdRows(tx).where('id', '=', id).executeTakeFirst()
  if (row === undefined)
    throw new AppError('ledger.hold_unknown', { field: 'hold', rule: 'is a hold of yours', hold: id })
  return toHold(row)
}

/**
 * Sets money aside; the answer's id is the hold's.
 * @throws AppError as `post`
 */
export async function placeHold(tx: TenantTx, wish: Parameters<typeof placing>[0], ids: IdSource): Promise<Posted> {
  return postOne(tx, placing(wish), ids)
}

/** Pays held money out. @throws AppError `ledger.hold_unknown`, `ledger.hold_closed`, `ledger.hold_exceeded`, and as `post` */
export const captureHold = (tx: TenantTx, id: string, wish: Parameters<typeof capturing>[1], ids: IdSource) =>
  moveHold(tx, id, wish.key, hold => capturing(hold, wish), ids)

/** Gives held money back. @throws AppError `ledger.hold_unknown`, `ledger.hold_closed`, `ledger.hold_exceeded`, and as `post` */
export const voidHold = (tx: TenantTx, id: string, wish: Parameters<typeof voiding>[1], ids: IdSource) =>
  moveHold(tx, id, wish.key, hold => voiding(hold, wish), ids)

async function moveHold(
  tx: TenantTx,
  id: string,
  key: string,
  decide: (hold: Hold) => Decision<NewJournal>,
  ids: IdSource,
): Promise<Posted> {
  const hold = await holdOf(tx, id)
  const decision = decide(await asItWas(tx, hold, key))
  if (isRefusal(decision)) throw new AppError(decision.refused as ErrorCode, { ...decision.details })
  return postOne(tx, decision[0]!, ids)
}

/** The hold before the journal of this key, if there is one: so that a repeated request is decided as the first one was. */
async function asItWas(tx: TenantTx, hold: Hold, key: string): Promise<Hold> {
  const before = await tx
    .selectFrom('ledger_journal as j')
    .innerJoin('ledger_entry as e', join =>
      join.onRef('e.tenant_id', '=', 'j.tenant_id').onRef('e.journal_id', '=', 'j.id'),
    )
    .select('e.amount')
    .where('j.tenant_id', '=', tx.tenant)
    .where('j.hold_id', '=', hold.id)
    .where('j.id', '<>', hold.id)
    .where('j.key', '=', key)
    .where('e.account_id', '=', hold.held)
    .execute()
  const moved = before.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  return { ...hold, remaining: hold.remaining - moved, expiresAt: before.length === 0 ? hold.expiresAt : null }
}

const postOne = async (tx: TenantTx, journal: NewJournal, ids: IdSource): Promise<Posted> =>
  (await post(tx, [journal], ids))[0]!

/**
 * Gives back what is held past its time, at most {@link EXPIRED_AT_ONCE_MAX} holds at once, the longest due first; the rest
 * of one that is captured meanwhile is left to the next sweep. Returns how many were ended.
 * @throws AppError as `postEach`
 */
export async function sweepHolds(db: Database, tenant: TenantId, now: Micros, ids: IdSource): Promise<number> {
  const due = await db.tenant(
    tenant,
    tx =>
      holdRows(tx)
        .where('remaining', '>', '0')
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(EXPIRED_AT_ONCE_MAX)
        .execute(),
    { readOnly: true },
  )
  const journals = due.map(toHold).flatMap(hold => {
    // One key for each remainder: a sweep that lost a race tries again with what is left.
    const decision = voiding(hold, { key: `hold/${hold.id}/expire/${hold.remaining}`, at: now, kind: 'hold.expire' })
    return isRefusal(decision) ? [] : decision
  })
  const outcomes = await postEach(db, tenant, journals, ids)
  return outcomes.filter(({ outcome }) => outcome === 'posted').length
}
