import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { AppError, type Micros, type TenantId } from '../kernel/index.ts'
import type { Database, TenantTx } from '../platform/index.ts'

declare module '../platform/index.ts' {
  interface Schema {
    ledger_seal: SealTable
  }
}

export interface SealTable {
  tenant_id: string
  sequence: number
  from_journal: string
  to_xid: string
  to_journal: string
  journals: number
  previous_hash: Buffer
  hash: Buffer
  at: number
}

/** Journals that one seal covers. */
const SEAL_JOURNALS_MAX = 1_000
/** Seals that one run of the job makes; the next one goes on. */
const SEALS_AT_ONCE_MAX = 100
const NO_HASH = Buffer.alloc(32)

/** A journal with all that its hash covers: its own columns and those of its lines, as text. */
export interface SealedJournal {
  readonly id: string
  readonly xid: string
  readonly key: string
  readonly kind: string
  readonly input_hash: string
  readonly at: string
  readonly cause: string | null
  readonly reverses: string | null
  readonly hold_id: string | null
  /** `[line, account, asset, amount, balance after, version, at]` of each line, in their order. */
  readonly lines: readonly (readonly [number, string, string, string, string, string, string])[]
}

/** A place in the order in which journals are sealed. */
export interface Place {
  readonly xid: string
  readonly journal: string
}

const BEGINNING: Place = { xid: '0', journal: '00000000-0000-0000-0000-000000000000' }

/**
 * Journals after a place, in order. With `settledOnly`, those of which no transaction can still add an earlier one: below the
 * oldest that runs; see docs/decisions/0002-event-stream-heads.md for the same rule in the event log.
 */
export async function journalsAfter(
  tx: TenantTx,
  after: Place,
  { limit, settledOnly }: { limit: number; settledOnly: boolean },
): Promise<SealedJournal[]> {
  const settled = settledOnly ? sql`AND j.xid < pg_snapshot_xmin(pg_current_snapshot())` : sql``
  const { rows } = await sql<SealedJournal>`
    SELECT j.id, j.xid::text, j.key, j.kind, encode(j.input_hash, 'hex') AS input_hash, j.at::text, j.cause, j.reverses, j.hold_id,
      (SELECT coalesce(json_agg(json_build_array(e.line, e.account_id, e.asset, e.amount::text, e.balance_after::text,
          e.account_version::text, e.at::text) ORDER BY e.line), '[]')
        FROM ledger_entry e WHERE e.tenant_id = j.tenant_id AND e.journal_id = j.id) AS lines
    FROM ledger_journal j
    WHERE j.tenant_id = ${tx.tenant} AND (j.xid, j.id) > (${after.xid}::xid8, ${after.journal}::uuid) ${settled}
    ORDER BY j.xid, j.id LIMIT ${limit}`.execute(tx as unknown as Kysely<unknown>)
  return rows
}

/** SHA-256 over the sequence, the hash before, and every journal in order. */
export function sealHash(sequence: number, previous: Buffer, journals: readonly SealedJournal[]): Buffer {
  const hash = createHash('sha256').update(`${sequence}\n`).update(previous)
  for (const j of journals) {
    const own = [j.id, j.xid, j.key, j.kind, j.input_hash, j.at, j.cause, j.reverses, j.hold_id, j.lines]
    hash.update(`${JSON.stringify(own)}\n`)
  }
  return hash.digest()
}

/** The seals of a tenant after a sequence, in order. */
export const sealsAfter = (tx: TenantTx, sequence: number, limit: number): Promise<SealTable[]> =>
  tx
    .selectFrom('ledger_seal')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(limit)
    .execute()

export const placeOf = (seal: SealTable | undefined): Place =>
  seal === undefined ? BEGINNING : { xid: seal.to_xid, journal: seal.to_journal }
export const hashBefore = (seal: SealTable | undefined): Buffer => seal?.hash ?? NO_HASH

/**
 * Seals what has been posted since the last seal, away from the posting path. Returns how many journals were sealed; another
 * process at the same work is left to it.
 * @throws AppError `database.unavailable`
 */
export async function sealJournals(db: Database, tenant: TenantId, now: Micros): Promise<number> {
  let sealed = 0
  for (let i = 0; i < SEALS_AT_ONCE_MAX; i++) {
    const journals = await sealNext(db, tenant, now)
    sealed += journals
    if (journals < SEAL_JOURNALS_MAX) break
  }
  return sealed
}

async function sealNext(db: Database, tenant: TenantId, now: Micros): Promise<number> {
  try {
    return await db.tenant(tenant, async tx => {
      const last = await tx
        .selectFrom('ledger_seal')
        .selectAll()
        .where('tenant_id', '=', tx.tenant)
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      const journals = await journalsAfter(tx, placeOf(last), { limit: SEAL_JOURNALS_MAX, settledOnly: true })
      const [first, end] = [journals[0], journals.at(-1)]
      if (first === undefined || end === undefined) return 0
      const sequence = (last?.sequence ?? 0) + 1
      const previous = hashBefore(last)
      await tx
        .insertInto('ledger_seal')
        .values({
          tenant_id: tx.tenant,
          sequence,
          from_journal: first.id,
          to_xid: end.xid,
          to_journal: end.id,
          journals: journals.length,
          previous_hash: previous,
          hash: sealHash(sequence, previous, journals),
          at: now,
        })
        .execute()
      return journals.length
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'state.conflict') return 0
    throw error
  }
}
