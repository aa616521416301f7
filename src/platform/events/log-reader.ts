import type { Pool } from 'pg'
import { databaseFailure } from '../database/failures.ts'
import type { DeadLetterTable } from './tables.ts'
import { type StoredEvent, toEvent } from './types.ts'

/** A place in the order of delivery: everything up to and including it has been dealt with. */
export interface Checkpoint {
  readonly xid: string
  readonly position: number
}

export const BEGINNING: Checkpoint = { xid: '0', position: 0 }

/** A page of the log across tenants, and the place up to which it was searched. */
export interface LogPage {
  readonly events: readonly StoredEvent[]
  readonly searchedTo: Checkpoint
  /** Whether there is more to read at once. */
  readonly isFull: boolean
}

/**
 * The page in the order of delivery, below the oldest running transaction: a later position can become visible before an
 * earlier one, but no transaction below that line can still add anything. The last row of the page always comes,
 * so that a subscription to rare types does not search the same stretch again.
 */
const PAGE = `
  WITH page AS MATERIALIZED (
    SELECT * FROM event
    WHERE (xid, position) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, position LIMIT $3
  ), last AS (
    SELECT xid, position, (SELECT count(*) FROM page)::int4 AS found FROM page ORDER BY xid DESC, position DESC LIMIT 1
  )
  SELECT page.*, last.xid AS "lastXid", last.position AS "lastPosition", last.found,
    ($4::text[] IS NULL OR page.type = ANY($4)) AS "isWanted"
  FROM page, last
  WHERE $4::text[] IS NULL OR page.type = ANY($4) OR (page.xid, page.position) = (last.xid, last.position)
  ORDER BY page.xid, page.position`

/** What the role `dispatcher` may do: read the log of all tenants and its own tables. */
export function createLogReader(pool: Pool) {
  const query = async <Row extends object>(text: string, values: unknown[] = [], name?: string): Promise<Row[]> => {
    try {
      return (await pool.query<Row & Record<string, unknown>>({ text, values, name })).rows
    } catch (error) {
      throw databaseFailure(error)
    }
  }
  return {
    async page(after: Checkpoint, types: readonly string[] | null, limit: number): Promise<LogPage> {
      type Row = Parameters<typeof toEvent>[0] & {
        lastXid: string
        lastPosition: number
        found: number
        isWanted: boolean
      }
      const rows = await query<Row>(PAGE, [after.xid, after.position, limit, types], 'event page')
      const [first] = rows
      if (!first) return { events: [], searchedTo: after, isFull: false }
      return {
        events: rows.filter(row => row.isWanted).map(toEvent),
        searchedTo: { xid: first.lastXid, position: first.lastPosition },
        isFull: first.found >= limit,
      }
    },

    /** The place from which on only transactions that still run, or start later, will write. */
    async end(): Promise<Checkpoint> {
      const [row] = await query<{ xid: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid')
      return { xid: row!.xid, position: 0 }
    },

    /** The last position that was handed out. */
    async lastPosition(): Promise<number> {
      const [row] = await query<{ last: number }>('SELECT last_value AS last FROM event_position')
      return row!.last
    },

    async checkpoint(name: string): Promise<Checkpoint> {
      const rows = await query<Checkpoint>(
        `WITH fresh AS (INSERT INTO subscription_checkpoint VALUES ($1, '0', 0) ON CONFLICT DO NOTHING RETURNING xid, position)
         SELECT xid, position FROM fresh UNION ALL SELECT xid, position FROM subscription_checkpoint WHERE name = $1`,
        [name],
      )
      return rows[0]!
    },

    /** Moves the checkpoint if it is still at `from`; false when somebody else moved it. */
    async move(name: string, from: Checkpoint, to: Checkpoint): Promise<boolean> {
      const rows = await query(
        `UPDATE subscription_checkpoint SET xid = $4, position = $5
         WHERE name = $1 AND xid = $2 AND position = $3 RETURNING 1`,
        [name, from.xid, from.position, to.xid, to.position],
      )
      return rows.length === 1
    },

    async rewind(name: string, to: Checkpoint): Promise<void> {
      await query(
        `INSERT INTO subscription_checkpoint VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, position = excluded.position`,
        [name, to.xid, to.position],
      )
    },

    async event(xid: string, position: number): Promise<StoredEvent | undefined> {
      const rows = await query<Parameters<typeof toEvent>[0]>('SELECT * FROM event WHERE xid = $1 AND position = $2', [
        xid,
        position,
      ])
      return rows.map(toEvent)[0]
    },

    deadLetters: (limit: number, subscription: string | null = null, position: number | null = null) =>
      query<DeadLetterTable>(
        `SELECT * FROM dead_letter WHERE ($2::text IS NULL OR subscription = $2) AND ($3::bigint IS NULL OR position = $3)
         ORDER BY at DESC, position DESC LIMIT $1`,
        [limit, subscription, position],
      ),

    async deadLetterCount(): Promise<number> {
      const [row] = await query<{ count: number }>('SELECT count(*) AS count FROM dead_letter')
      return row!.count
    },

    partitionsAhead: (at: number, months: number) => query('SELECT event_partitions_ahead($1, $2)', [at, months]),
  }
}

export type LogReader = ReturnType<typeof createLogReader>
