import { assert, PAGE_SIZE_MAX } from '../../kernel/index.ts'
import type { TenantTx } from '../database/schema.ts'
import { type StoredEvent, toEvent } from './types.ts'

/** Events of one stream that are read at once. */
const STREAM_READ_MAX = 10_000

/** The events of one stream in sequence, after `after`. Read on from the last one while the answer is full. */
export async function readStream(
  tx: TenantTx,
  subject: string,
  { after = 0, limit = STREAM_READ_MAX }: { after?: number; limit?: number } = {},
): Promise<StoredEvent[]> {
  const rows = await tx
    .selectFrom('event')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('subject', '=', subject)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(Math.min(limit, STREAM_READ_MAX))
    .execute()
  return rows.map(toEvent)
}

/** The sequence of the last event of a stream, 0 when it has none. */
export async function streamHead(tx: TenantTx, subject: string): Promise<number> {
  const row = await tx
    .selectFrom('event_stream')
    .select('sequence')
    .where('tenant_id', '=', tx.tenant)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

export interface EventPage {
  /** Positions greater than this. */
  readonly after?: number
  /** Positions less than this: for paging back. */
  readonly before?: number
  readonly types?: readonly string[]
  /** At most PAGE_SIZE_MAX. */
  readonly limit?: number
  readonly order?: 'oldest first' | 'newest first'
}

/**
 * A page of the tenant's events by position: for people. Whoever must not miss one subscribes to the dispatcher instead,
 * since an earlier position can still become visible.
 */
export async function readEvents(tx: TenantTx, page: EventPage = {}): Promise<StoredEvent[]> {
  const limit = page.limit ?? 100
  assert(limit > 0 && limit <= PAGE_SIZE_MAX, `a page has 1 to ${PAGE_SIZE_MAX} events`)
  let query = tx.selectFrom('event').selectAll().where('tenant_id', '=', tx.tenant)
  if (page.after !== undefined) query = query.where('position', '>', page.after)
  if (page.before !== undefined) query = query.where('position', '<', page.before)
  if (page.types !== undefined) query = query.where('type', 'in', [...page.types])
  const rows = await query
    .orderBy('position', page.order === 'newest first' ? 'desc' : 'asc')
    .limit(limit)
    .execute()
  return rows.map(toEvent)
}
