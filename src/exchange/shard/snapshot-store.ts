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
      at: number
    }
    exchange_snapshot_part: {
      tenant_id: string
      shard: number
      sequence: number
      part: number
      state: Buffer
    }
  }
}

/** Snapshots that are kept; older ones are deleted. The journal is kept whole. */
const SNAPSHOTS_KEPT = 3
/** A state is a fifth of its size at the fastest level already. */
const LEVEL = 1
/** Bytes of a part: commits of others wait while one goes through the log. */
const PART_BYTES = 128 * 1_024

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
  const found = await db.tenant(tenant, async tx => {
    const newest = await tx
      .selectFrom('exchange_snapshot')
      .select(['sequence', 'hash'])
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .where('sequence', '<=', notAfter)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (newest === undefined) return undefined
    const parts = await tx
      .selectFrom('exchange_snapshot_part')
      .select('state')
      .where('tenant_id', '=', tenant)
      .where('shard', '=', shard)
      .where('sequence', '=', newest.sequence)
      .orderBy('part')
      .execute()
    return { ...newest, parts: parts.map(({ state }) => state) }
  })
  if (found === undefined) return null
  const { sequence, hash, parts } = found
  return { sequence, hash, state: await unpacked(sequence, parts) }
}

function* endedLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`
}

const packed = (lines: Iterable<string>): Promise<Buffer> =>
  buffer(Readable.from(endedLines(lines)).pipe(createGzip({ level: LEVEL })))

async function unpacked(sequence: number, parts: readonly Buffer[]): Promise<readonly string[]> {
  const lines: string[] = []
  let begun: string[] = []
  try {
    await pipeline(Readable.from(parts), createGunzip().setEncoding('utf8'), async texts => {
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
    const { sequence, hash } = snapshot
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('exchange_snapshot')
      .values({ tenant_id: tenant, shard, at, sequence, hash })
      .onConflict(conflict => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) return
    for (let from = 0, part = 0; from < state.length; from += PART_BYTES, part++)
      await tx
        .insertInto('exchange_snapshot_part')
        .values({ tenant_id: tenant, shard, sequence, part, state: state.subarray(from, from + PART_BYTES) })
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
