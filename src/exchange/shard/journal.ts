import { AppError, type TenantId } from '../../kernel/index.ts'
import type { Database, DatabaseSession } from '../../platform/index.ts'
import { decodeBatch, encodeBatch } from './codec.ts'
import type { ShardCommand } from './command.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    exchange_journal: {
      tenant_id: string
      shard: number
      first: number
      last: number
      epoch: number
      commands: string
    }
    exchange_snapshot: {
      tenant_id: string
      shard: number
      sequence: number
      hash: string
      state: string
      at: number
    }
  }
}

/** Rows that are read at once; a row is a batch of up to some thousand commands. */
const ROWS_PER_PAGE = 200
/** Snapshots that are kept; older ones are deleted. The journal is kept whole. */
const SNAPSHOTS_KEPT = 3

export const leaseOf = (shard: number): string => `exchange/${shard}`

/** Whose books, and which of their shards. */
export interface ShardName {
  readonly tenant: TenantId
  readonly shard: number
}

/**
 * Makes a batch durable, if the epoch still owns the shard: one statement, one commit. The row of the lease is locked
 * against a take-over for as long as that takes.
 * @throws AppError `exchange.lease_lost` when it does not, `database.unavailable` when nobody knows whether it was written
 */
export async function appendBatch(
  session: DatabaseSession,
  { tenant, shard }: ShardName,
  epoch: number,
  commands: readonly ShardCommand[],
): Promise<void> {
  const [first, last] = [commands[0]!.sequence, commands.at(-1)!.sequence]
  const { count } = await session.query(
    `INSERT INTO exchange_journal (tenant_id, shard, first, last, epoch, commands)
     SELECT $1, $2, $3, $4, $5, $6 FROM lease WHERE tenant_id = $1 AND name = $7 AND epoch = $5 FOR KEY SHARE`,
    [tenant, shard, first, last, epoch, encodeBatch(commands), leaseOf(shard)],
  )
  if (count === 0) throw new AppError('exchange.lease_lost', { shard, epoch, sequence: first })
}

/** The batches after the command `after`, in order, page by page. @throws AppError `exchange.journal_unreadable` */
export async function* readJournal(
  db: Database,
  { tenant, shard }: ShardName,
  after: number,
): AsyncGenerator<ShardCommand[]> {
  let next = after + 1
  for (;;) {
    const rows = await db.tenant(tenant, tx =>
      tx
        .selectFrom('exchange_journal')
        .select(['first', 'last', 'commands'])
        .where('tenant_id', '=', tenant)
        .where('shard', '=', shard)
        .where('first', '>=', next)
        .orderBy('first')
        .limit(ROWS_PER_PAGE)
        .execute(),
    )
    for (const { first, last, commands } of rows) {
      if (first !== next)
        throw new AppError('exchange.journal_unreadable', { sequence: next, rule: 'follows the batch before it' })
      const batch = decodeBatch(commands, first)
      if (batch.length !== last - first + 1)
        throw new AppError('exchange.journal_unreadable', { sequence: first, rule: 'has as many commands as it says' })
      yield batch
      next = last + 1
    }
    if (rows.length < ROWS_PER_PAGE) return
  }
}

export interface Snapshot {
  readonly sequence: number
  readonly hash: string
  readonly state: string
}

/** The newest snapshot at or before a command; null when there is none. */
export const latestSnapshot = async (
  db: Database,
  { tenant, shard }: ShardName,
  notAfter = Number.MAX_SAFE_INTEGER,
): Promise<Snapshot | null> =>
  (await db.tenant(tenant, tx =>
    tx
      .selectFrom('exchange_snapshot')
      .select(['sequence', 'hash', 'state'])
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .where('sequence', '<=', notAfter)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst(),
  )) ?? null

/** Stores a snapshot and forgets the oldest ones. The same one again changes nothing: equal commands make equal states. */
export const saveSnapshot = (
  db: Database,
  { tenant, shard }: ShardName,
  snapshot: Snapshot,
  at: number,
): Promise<void> =>
  db.tenant(tenant, async tx => {
    await tx
      .insertInto('exchange_snapshot')
      .values({ tenant_id: tenant, shard, at, ...snapshot })
      .onConflict(conflict => conflict.doNothing())
      .execute()
    await tx
      .deleteFrom('exchange_snapshot')
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .where('sequence', '<', query =>
        query
          .selectFrom('exchange_snapshot')
          .select('sequence')
          .where('tenant_id', '=', tenant)
          .where('shard', '=', shard)
          .orderBy('sequence', 'desc')
          .offset(SNAPSHOTS_KEPT - 1)
          .limit(1),
      )
      .execute()
  })
