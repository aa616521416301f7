import { z } from 'zod'
import { formatDecimal, MICROS_PER_DAY } from '../kernel/index.ts'
import { ACCOUNT_KINDS, type Account } from './account.ts'
import type { Entry, Journal, Statement, TrialRow } from './history.ts'
import type { Verification } from './verify.ts'

/** What the ledger shows to pages and clients. Amounts are decimal strings with all decimals of the asset. */
const Decimal = z.string().meta({ examples: ['1250.00'] })
const Micros = z.int().meta({ description: 'Microseconds UTC' })

export const AccountView = z.strictObject({
  id: z.string(),
  kind: z.enum(ACCOUNT_KINDS),
  owner: z
    .string()
    .meta({ description: 'The client; or the name of the house’s, the clearing or the outside account' }),
  asset: z.string(),
  shard: z.string().nullable(),
  balance: Decimal,
  minimum: Decimal.nullable().meta({ description: 'Null where there is none' }),
  entries: z.int(),
  updatedAt: Micros.nullable(),
})
export type AccountView = z.infer<typeof AccountView>

export const EntryView = z.strictObject({
  journal: z.string(),
  line: z.int(),
  account: z.string(),
  asset: z.string(),
  amount: Decimal.meta({ description: 'What comes in is positive' }),
  balance: Decimal.meta({ description: 'Of the account, after this line' }),
  version: z.int().meta({ description: 'Entries of the account so far' }),
  at: Micros,
})
export type EntryView = z.infer<typeof EntryView>

export const JournalView = z.strictObject({
  id: z.string(),
  key: z.string(),
  kind: z.string(),
  at: Micros,
  cause: z.string().nullable(),
  reverses: z.string().nullable(),
  reversedBy: z.string().nullable(),
  hold: z.string().nullable(),
})
export type JournalView = z.infer<typeof JournalView>

export const JournalWithEntriesView = JournalView.extend({ entries: z.array(EntryView) })
export type JournalWithEntriesView = z.infer<typeof JournalWithEntriesView>

export const TrialBalanceView = z.strictObject({
  at: Micros.nullable(),
  isBalanced: z.boolean().meta({ description: 'Whether debits and credits are the same in every asset' }),
  items: z.array(
    z.strictObject({
      kind: z.enum(ACCOUNT_KINDS),
      asset: z.string(),
      accounts: z.int(),
      debit: Decimal,
      credit: Decimal,
    }),
  ),
})
export type TrialBalanceView = z.infer<typeof TrialBalanceView>

export const StatementView = z.strictObject({
  account: AccountView,
  from: Micros,
  to: Micros,
  opening: Decimal,
  closing: Decimal,
  lines: z.array(EntryView.extend({ kind: z.string(), key: z.string(), cause: z.string().nullable() })),
})
export type StatementView = z.infer<typeof StatementView>

export const VerificationView = z.strictObject({
  isSound: z.boolean(),
  faults: z.array(
    z.strictObject({ kind: z.enum(['seal', 'journal', 'account', 'hold']), id: z.string(), rule: z.string() }),
  ),
  accounts: z.int(),
  journals: z.int(),
  entries: z.int(),
  holds: z.int(),
  seals: z.int(),
  unsealed: z.int(),
}) satisfies z.ZodType<Verification>
export type VerificationView = z.infer<typeof VerificationView>

export const STATEMENT_SPAN_MAX = 366 * MICROS_PER_DAY

/** The scale of an asset, by its code. */
export type Scales = (asset: string) => number

export const accountView = (account: Account): AccountView => ({
  id: account.id,
  kind: account.kind,
  owner: account.owner,
  asset: account.asset,
  shard: account.shard,
  balance: formatDecimal(account.balance, account.scale),
  minimum: account.minimum === null ? null : formatDecimal(account.minimum, account.scale),
  entries: account.version,
  updatedAt: account.version === 0 ? null : account.updatedAt,
})

export const entryView = (entry: Entry, scales: Scales): EntryView => ({
  journal: entry.journal,
  line: entry.line,
  account: entry.account,
  asset: entry.asset,
  amount: formatDecimal(entry.amount, scales(entry.asset)),
  balance: formatDecimal(entry.balanceAfter, scales(entry.asset)),
  version: entry.version,
  at: entry.at,
})

export const journalView = ({ id, key, kind, at, cause, reverses, reversedBy, hold }: Journal): JournalView => ({
  id,
  key,
  kind,
  at,
  cause,
  reverses,
  reversedBy,
  hold,
})

export function trialBalanceView(rows: readonly TrialRow[], at: number | undefined): TrialBalanceView {
  const sums = new Map<string, bigint>()
  for (const { asset, debit, credit } of rows) sums.set(asset, (sums.get(asset) ?? 0n) + credit - debit)
  return {
    at: at ?? null,
    isBalanced: [...sums.values()].every(sum => sum === 0n),
    items: rows.map(({ kind, asset, scale, accounts, debit, credit }) => ({
      kind,
      asset,
      accounts,
      debit: formatDecimal(debit, scale),
      credit: formatDecimal(credit, scale),
    })),
  }
}

export function statementView({ account, from, to, opening, closing, lines }: Statement): StatementView {
  const scales = () => account.scale
  return {
    account: accountView(account),
    from,
    to,
    opening: formatDecimal(opening, account.scale),
    closing: formatDecimal(closing, account.scale),
    lines: lines.map(line => ({ ...entryView(line, scales), kind: line.kind, key: line.key, cause: line.cause })),
  }
}
