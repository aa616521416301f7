import { sql } from 'kysely'
import { AppError, type TenantId } from '../../kernel/index.ts'
import type { Database, DatabaseSession, Schema } from '../../platform/index.ts'
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
  }
}

/** What is read at once: so many batches, and not many more commands, since a page is carried out without a pause. */
const BATCHES_PER_PAGE = 500
const COMMANDS_PER_PAGE = 20_000

export const leaseOf = (shard: number): string => `exchange/${shard}`

/** Where the journal is read: the database, or one transaction of it. */
export type Source = Pick<Database, 'tenant'>

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

/** What one commit wrote. */
export interface JournalBatch {
  readonly epoch: number
  readonly commands: readonly ShardCommand[]
}

/** The batches after the command `after`, in order, page by page. @throws AppError `exchange.journal_unreadable` */
export async function* readBatches(db: Source, name: ShardName, after: number): AsyncGenerator<JournalBatch> {
  let next = after + 1
  for (;;) {
    const rows = await pageFrom(db, name, next)
    if (rows.length === 0) return
    for (const { first, last, epoch, commands: text } of rows) {
      if (first !== next)
        throw new AppError('exchange.journal_unreadable', { sequence: next, rule: 'follows the batch before it' })
      const commands = decodeBatch(text, first)
      if (commands.length !== last - first + 1)
        throw new AppError('exchange.journal_unreadable', { sequence: first, rule: 'has as many commands as it says' })
      yield { epoch, commands }
      next = last + 1
    }
  }
}

/** The first batch at or after a command, whichever it is, and what follows it closely. */
const pageFrom = (db: Source, { tenant, shard }: ShardName, next: number): Promise<Schema['exchange_journal'][]> =>
  db.tenant(tenant, async tx => {
    const { rows } = await sql<Schema['exchange_journal']>`
      SELECT * FROM (
        SELECT *, row_number() OVER (ORDER BY first) AS place FROM exchange_journal
        WHERE tenant_id = ${tenant} AND shard = ${shard} AND first >= ${next} ORDER BY first LIMIT ${BATCHES_PER_PAGE}) page
      WHERE place = 1 OR last < ${next + COMMANDS_PER_PAGE} ORDER BY first`.execute(tx)
    return rows
  })

/** The commands of those batches. @throws AppError `exchange.journal_unreadable` */
export async function* readJournal(
  db: Source,
  name: ShardName,
  after: number,
): AsyncGenerator<readonly ShardCommand[]> {
  for await (const { commands } of readBatches(db, name, after)) yield commands
}
