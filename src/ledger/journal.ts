import { createHash } from 'node:crypto'
import { AppError, type Branded, type Micros } from '../kernel/index.ts'
import type { AccountId } from './account.ts'

export type JournalId = Branded<'JournalId'>

const LINES_PER_JOURNAL_MAX = 1_000
export const JOURNALS_PER_BATCH_MAX = 1_000
const KEY_LENGTH_MAX = 200
/** An amount fits numeric(38,0). */
const AMOUNT_BELOW = 10n ** 38n
const KIND = /^[a-z][a-z0-9_.]{0,59}$/
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u

/** One movement of one account: what comes in is positive. In the asset's smallest unit. */
export interface Line {
  readonly account: AccountId
  readonly asset: string
  readonly amount: bigint
}

/** A journal to be posted. Its lines add up to zero per asset, and are carried out in their order. */
export interface NewJournal {
  /** Unique within the tenant: the same key with the same contents is posted once. */
  readonly key: string
  /** What it is, e.g. `trade` or `fee.sweep`. */
  readonly kind: string
  /** When it is booked. Moved up to the last booking of its accounts where that is later: their entries are in the order of time. */
  readonly at: Micros
  /** The event or command that led to it. */
  readonly cause?: string
  readonly lines: readonly Line[]
  /** The journal that this one undoes; see `reversalOf`. */
  readonly reverses?: JournalId
  /** The hold that it captures or voids, or the end of the one that it places; see `hold.ts`. */
  readonly hold?: { readonly id: JournalId } | { readonly expiresAt: Micros | null }
}

/** What became of a journal: posted now, or found as posted before under the same key. */
export interface Posted {
  readonly id: JournalId
  readonly outcome: 'posted' | 'repeated'
}

/** What is wrong with a journal by itself, without looking at the books. */
export function faultOf(journal: NewJournal): AppError | undefined {
  const invalid = (field: string, rule: string) => new AppError('request.invalid', { field, rule, key: journal.key })
  if (journal.key.length > KEY_LENGTH_MAX || !PRINTABLE.test(journal.key))
    return invalid('key', `has 1 to ${KEY_LENGTH_MAX} printable characters`)
  if (!KIND.test(journal.kind)) return invalid('kind', 'is a word of lower-case letters, digits, "_" and "."')
  if (!Number.isSafeInteger(journal.at) || journal.at < 0) return invalid('at', 'is a time in microseconds')
  if (journal.cause !== undefined && (journal.cause.length > KEY_LENGTH_MAX || !PRINTABLE.test(journal.cause)))
    return invalid('cause', `has 1 to ${KEY_LENGTH_MAX} printable characters`)
  if (journal.lines.length < 2 || journal.lines.length > LINES_PER_JOURNAL_MAX)
    return invalid('lines', `are 2 to ${LINES_PER_JOURNAL_MAX}`)
  const sums = new Map<string, bigint>()
  for (const { asset, amount } of journal.lines) {
    if (amount === 0n) return invalid('amount', 'is not zero')
    if (amount >= AMOUNT_BELOW || amount <= -AMOUNT_BELOW) return invalid('amount', 'has at most 38 digits')
    sums.set(asset, (sums.get(asset) ?? 0n) + amount)
  }
  for (const [asset, sum] of sums)
    if (sum !== 0n) return new AppError('ledger.unbalanced', { key: journal.key, asset, sum: sum.toString() })
  return undefined
}

/**
 * What the contents of a journal are, as SHA-256 in hex: two requests under one key are the same when these are. The
 * time is left out, since a repeated request comes later.
 */
export function inputHash({ kind, cause, lines, reverses, hold }: NewJournal): string {
  const of = lines.map(({ account, asset, amount }) => [account, asset, amount.toString()])
  const held = hold === undefined ? null : 'id' in hold ? [hold.id] : ['', hold.expiresAt]
  return createHash('sha256')
    .update(JSON.stringify([kind, cause ?? null, reverses ?? null, held, of]))
    .digest('hex')
}

/** The journal that undoes another one: the same lines with the signs turned. */
export const reversalOf = (
  original: { readonly id: JournalId; readonly lines: readonly Line[] },
  { key, at, cause }: { key: string; at: Micros; cause?: string },
): NewJournal => ({
  key,
  kind: 'reversal',
  at,
  cause,
  reverses: original.id,
  lines: original.lines.map(({ account, asset, amount }) => ({ account, asset, amount: -amount })),
})
