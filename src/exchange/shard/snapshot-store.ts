import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { sql } from 'kysely'
import { AppError } from '../../kernel/index.ts'
import type { Database } from '../../platform/index.ts'
import type { ShardName, Source } from './journal.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    exchange_snapshot: {
      tenant_id: string
      shard: number
      sequence: number
      hash: string
      state: Buffer
      at: number
    }
  }
}

/** Snapshots that are kept; older ones are deleted. The journal is kept whole. */
const SNAPSHOTS_KEPT = 3
/** A state is a fifth of its size at the fastest level already; commits of others wait while it goes through the log. */
const LEVEL = 1

/** A state, as its lines: see `state-lines.ts`. */
export interface Snapshot<State = Iterable<string>> {
  readonly sequence: number
  readonly hash: string
  readonly state: State
}

/** The newest snapshot at or before a command; null when there is none. @throws AppError `exchange.snapshot_damaged` */
export async function latestSnapshot(
  db: Database,
  { tenant, shard }: ShardName,
  notAfter = Number.MAX_SAFE_INTEGER,
): Promise<Snapshot<readonly string[]> | null> {
  const found = await db.tenant(tenant, tx =>
    tx
      .selectFrom('exchange_snapshot')
      .select(['sequence', 'hash', 'state'])
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .where('sequence', '<=', notAfter)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst(),
  )
  return found === undefined ? null : { ...found, state: await unpacked(found.sequence, found.state) }
}

function* endedLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`
}

const packed = (lines: Iterable<string>): Promise<Buffer> =>
  buffer(Readable.from(endedLines(lines)).pipe(createGzip({ level: LEVEL })))

async function unpacked(sequence: number, state: Buffer): Promise<readonly string[]> {
  const lines: string[] = []
  let begun: string[] = []
  try {
    await pipeline(Readable.from([state]), createGunzip().setEncoding('utf8'), async texts => {
      for await (const text of texts as AsyncIterable<string>) {
        const parts = text.split('\n')
        begun.push(parts[0]!)
        for (const part of parts.slice(1)) {
          lines.push(begun.join(''))
          begun = [part]
        }
      }
    })
    return lines
  } catch (cause) {
    throw new AppError('exchange.snapshot_damaged', { sequence, rule: 'the state can be unpacked' }, { cause })
  }
}

/** Where a shard stood at its snapshots, for those who replay it. */
export const snapshotHashes = (db: Source, { tenant, shard }: ShardName): Promise<Omit<Snapshot, 'state'>[]> =>
  db.tenant(tenant, tx =>
    tx
      .selectFrom('exchange_snapshot')
      .select(['sequence', 'hash'])
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .orderBy('sequence')
      .execute(),
  )

/**
 * Stores a snapshot and forgets older ones, but never the one from which history is written on. The same one again changes
 * nothing: equal commands make equal states.
 */
export async function saveSnapshot(
  db: Database,
  { tenant, shard }: ShardName,
  snapshot: Snapshot,
  at: number,
): Promise<void> {
  const state = await packed(snapshot.state)
  await db.tenant(tenant, async tx => {
    await tx
      .insertInto('exchange_snapshot')
      .values({ tenant_id: tenant, shard, at, ...snapshot, state })
      .onConflict(conflict => conflict.doNothing())
      .execute()
    await sql`
      WITH kept AS (SELECT sequence FROM exchange_snapshot WHERE tenant_id = ${tenant} AND shard = ${shard}),
        needed AS (SELECT max(k.sequence) AS sequence FROM kept k
          JOIN exchange_checkpoint c ON c.tenant_id = ${tenant} AND c.shard = ${shard} AND k.sequence <= c.sequence)
      DELETE FROM exchange_snapshot s USING needed
      WHERE s.tenant_id = ${tenant} AND s.shard = ${shard} AND s.sequence IS DISTINCT FROM needed.sequence
        AND s.sequence < (SELECT sequence FROM kept ORDER BY sequence DESC OFFSET ${SNAPSHOTS_KEPT - 1} LIMIT 1)`.execute(
      tx,
    )
  })
}
