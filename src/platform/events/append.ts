import { sql } from 'kysely'
import { AppError, assert, type Event, type IdSource, type NewEvent } from '../../kernel/index.ts'
import type { TenantTx } from '../database/schema.ts'
import type { EventTypes } from './types.ts'

/** Events that one call may append. */
const APPEND_EVENTS_MAX = 10_000
const EVENT_SUBJECT_LENGTH_MAX = 200

export interface AppendOptions {
  readonly ids: IdSource
  readonly types: EventTypes
  /** Skips the schemas for callers whose types prove the data; unknown types are refused all the same. */
  readonly isTrusted?: boolean
}

/**
 * Appends events of any number of streams in one round trip, within the caller's transaction, and gives them with their ids.
 * Every stream's events follow its head without a gap; otherwise the transaction fails.
 * @throws AppError `event.conflict` naming the stream in `details.subject`; `request.invalid` for unknown types or wrong data.
 */
export async function appendEvents(
  tx: TenantTx,
  events: readonly NewEvent[],
  { ids, types, isTrusted = false }: AppendOptions,
): Promise<Event[]> {
  assert(events.length <= APPEND_EVENTS_MAX, `at most ${APPEND_EVENTS_MAX} events are appended at once`)
  if (events.length === 0) return []
  const complete = events.map((event): Event => {
    assert(event.tenant === tx.tenant, 'an event belongs to the tenant of its transaction')
    return {
      ...event,
      id: ids.next(),
      cause: event.cause ?? null,
      trace: event.trace ?? null,
      data: checked(event, types, isTrusted),
    }
  })
  const { fresh, known } = headsOf(complete)
  // Rows carry what the table needs and nothing else; the tenant goes once.
  const rows = complete.map(({ tenant: _, ...row }) => row)
  await sql`SELECT append_events(${tx.tenant}, ${fresh.map(head => head.subject)}, ${fresh.map(head => head.last)},
    ${known.map(head => head.subject)}, ${known.map(head => head.previous)}, ${known.map(head => head.last)},
    ${JSON.stringify(rows)})`.execute(tx)
  return complete
}

function checked(event: NewEvent, types: EventTypes, isTrusted: boolean): unknown {
  if (!isTrusted) return types.check(event.type, event.version, event.data)
  if (types.has(event.type, event.version)) return event.data
  throw new AppError('request.invalid', {
    field: 'type',
    rule: `${event.type} version ${event.version} is no known event`,
  })
}

interface Head {
  readonly subject: string
  /** Where the caller believes the stream to be. */
  readonly previous: number
  last: number
}

/** Per stream, sorted by subject so that all writers lock in the same order: where it was and where it will be. */
function headsOf(events: readonly Event[]): { fresh: Head[]; known: Head[] } {
  const heads = new Map<string, Head>()
  for (const { subject, sequence } of events) {
    const head = heads.get(subject)
    if (head) {
      assert(sequence === head.last + 1, `the events of ${subject} are in sequence`)
      head.last = sequence
    } else {
      assert(Number.isSafeInteger(sequence) && sequence >= 1, `a sequence counts from 1, not ${sequence}`)
      assert(subject.length > 0 && subject.length <= EVENT_SUBJECT_LENGTH_MAX, 'a subject has 1 to 200 characters')
      heads.set(subject, { subject, previous: sequence - 1, last: sequence })
    }
  }
  const sorted = [...heads.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
  return { fresh: sorted.filter(head => head.previous === 0), known: sorted.filter(head => head.previous > 0) }
}
