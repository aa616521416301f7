import { createHash } from 'node:crypto'
import { AppError, assert, type Clock, MICROS_PER_DAY, type Principal } from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import type { TenantTx } from '../database/schema.ts'

declare module '../database/schema.ts' {
  interface Schema {
    idempotency_key: {
      tenant_id: string
      principal: string
      key: string
      request_hash: string
      status: number | null
      answer: string | null
      at: number
    }
  }
}

const KEY = /^[\x21-\x7e]{1,100}$/
const KEPT_MICROS = MICROS_PER_DAY
const EXPIRED_AT_ONCE_MAX = 100
const ANSWER_LENGTH_MAX = 1_000_000
const UNDER_WAY_MAX = 10_000

/** An answer as it was sent: JSON text. */
export interface StoredAnswer {
  readonly status: number
  readonly text: string
}

/** Same key and same request: the same answer, and one effect, however often and however concurrently it is sent. */
export interface Idempotency {
  /**
   * @throws AppError `request.invalid` for a key of the wrong form; `idempotency.mismatch` when the key was used for another
   * request; `state.conflict` when another process is at it, or ended without an answer; `database.unavailable`.
   */
  once(principal: Principal, key: string, request: unknown, run: () => Promise<StoredAnswer>): Promise<StoredAnswer>
}

export function createIdempotency(db: Database, clock: Clock): Idempotency {
  /** Requests of this process: their twins wait for the answer rather than being refused. */
  const underWay = new Map<string, { hash: string; answer: Promise<StoredAnswer> }>()
  return {
    async once(principal, key, request, run) {
      if (!KEY.test(key))
        throw new AppError('request.invalid', {
          field: 'Idempotency-Key',
          rule: 'is 1 to 100 visible ASCII characters',
        })
      const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
      const name = `${principal.tenant} ${principal.id} ${key}`
      const twin = underWay.get(name)
      if (twin && twin.hash !== hash) throw new AppError('idempotency.mismatch')
      if (twin) return twin.answer
      assert(underWay.size < UNDER_WAY_MAX, 'the requests under way are bounded by the server')
      const answer = answerOnce(db, clock, principal, key, hash, run).finally(() => underWay.delete(name))
      underWay.set(name, { hash, answer })
      return answer
    },
  }
}

async function answerOnce(
  db: Database,
  clock: Clock,
  principal: Principal,
  key: string,
  hash: string,
  run: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const at = clock.now()
  const earlier = await db.tenant(principal.tenant, tx => claim(tx, principal.id, key, hash, at))
  if (earlier) return answerOf(earlier, hash)
  const mine = (tx: TenantTx) => ({ tenant_id: tx.tenant, principal: principal.id, key })
  try {
    const answer = await run()
    assert(answer.text.length <= ANSWER_LENGTH_MAX, 'an answer of an idempotent route is bounded')
    await db.tenant(principal.tenant, tx =>
      updateOf(tx, mine(tx)).set({ status: answer.status, answer: answer.text }).execute(),
    )
    return answer
  } catch (error) {
    // Nothing happened, so the same request may be tried again. A commit cut in the middle may have happened: it stays claimed.
    const isOutcomeKnown =
      error instanceof AppError && error.details.outcome !== 'unknown' && error.code !== 'internal.error'
    if (isOutcomeKnown) await db.tenant(principal.tenant, tx => deleteOf(tx, mine(tx)).execute()).catch(() => {})
    throw error
  }
}

type Row = { request_hash: string; status: number | null; answer: string | null }
type Own = { tenant_id: string; principal: string; key: string }

const updateOf = (tx: TenantTx, own: Own) =>
  tx
    .updateTable('idempotency_key')
    .where('tenant_id', '=', own.tenant_id)
    .where('principal', '=', own.principal)
    .where('key', '=', own.key)
const deleteOf = (tx: TenantTx, own: Own) =>
  tx
    .deleteFrom('idempotency_key')
    .where('tenant_id', '=', own.tenant_id)
    .where('principal', '=', own.principal)
    .where('key', '=', own.key)

/** Takes the key, or gives what is there. Keys past their time are taken over, and some are cleared away. */
async function claim(tx: TenantTx, principal: string, key: string, hash: string, at: number): Promise<Row | undefined> {
  const expired = tx
    .selectFrom('idempotency_key')
    .select(['principal', 'key'])
    .where('tenant_id', '=', tx.tenant)
    .where('at', '<', at - KEPT_MICROS)
    .limit(EXPIRED_AT_ONCE_MAX)
  await tx
    .deleteFrom('idempotency_key')
    .where('tenant_id', '=', tx.tenant)
    .where(eb => eb(eb.refTuple('principal', 'key'), 'in', expired.$asTuple('principal', 'key')))
    .execute()
  const row = { tenant_id: tx.tenant, principal, key, request_hash: hash, status: null, answer: null, at }
  const taken = await tx
    .insertInto('idempotency_key')
    .values(row)
    .onConflict(conflict =>
      conflict
        .columns(['tenant_id', 'principal', 'key'])
        .doUpdateSet(row)
        .where('idempotency_key.at', '<', at - KEPT_MICROS),
    )
    .returning('key')
    .executeTakeFirst()
  if (taken) return undefined
  return tx
    .selectFrom('idempotency_key')
    .select(['request_hash', 'status', 'answer'])
    .where('tenant_id', '=', tx.tenant)
    .where('principal', '=', principal)
    .where('key', '=', key)
    .executeTakeFirst()
}

function answerOf(row: Row, hash: string): StoredAnswer {
  if (row.request_hash !== hash) throw new AppError('idempotency.mismatch')
  if (row.status !== null && row.answer !== null) return { status: row.status, text: row.answer }
  throw new AppError('state.conflict', {
    field: 'Idempotency-Key',
    rule: 'belongs to a request that has not been answered',
    fix: 'See whether it took effect; if not, send it again with a new key.',
  })
}
