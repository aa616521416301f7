import { z } from 'zod'
import { AppError, NAME_LENGTH_MAX, PAGE_SIZE_MAX, type Principal } from '../kernel/index.ts'
import { type Database, ok, okAs, type Route, route, type TenantTx } from '../platform/index.ts'
import { ACCOUNT_KINDS } from './account.ts'
import { statementCsv } from './csv.ts'
import { entriesOf, journalOf, journalsOf, statementOf, trialBalance } from './history.ts'
import { accountOf, accountsOf, scalesOf } from './store.ts'
import { verify } from './verify.ts'
import {
  AccountView,
  accountView,
  EntryView,
  entryView,
  JournalView,
  JournalWithEntriesView,
  journalView,
  STATEMENT_SPAN_MAX,
  StatementView,
  statementView,
  TrialBalanceView,
  trialBalanceView,
  VerificationView,
} from './views.ts'

declare module '../platform/index.ts' {
  interface RouteDeps {
    db: Database
    now: () => number
  }
}

const CSV = 'text/csv; charset=utf-8; header=present'
const Params = z.strictObject({ id: z.uuid() })
const Limit = z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(100)
const Time = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Text = z.string().min(1).max(NAME_LENGTH_MAX)
const page = <S extends z.ZodType>(items: S) => z.strictObject({ items: z.array(items), next: z.string().nullable() })

/** What the page after begins with: the last of a full page. */
const nextOf = <T>(items: readonly T[], limit: number, cursor: (item: T) => string): string | null =>
  items.length === limit ? cursor(items.at(-1)!) : null

const reading = <T>(db: Database, principal: Principal, run: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.tenant(principal.tenant, run, { readOnly: true })

const accountRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/ledger/accounts',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'Accounts of the books with their balances, oldest first; `next` asks for the page after',
    query: z.strictObject({
      kind: z.enum(ACCOUNT_KINDS).optional(),
      asset: Text.optional(),
      owner: Text.optional(),
      after: z.uuid().optional(),
      limit: Limit,
    }),
    responses: { 200: page(AccountView) },
    async handle({ principal, query }, { db }) {
      const accounts = await reading(db, principal, tx => accountsOf(tx, query))
      return ok({ items: accounts.map(accountView), next: nextOf(accounts, query.limit, account => account.id) })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/ledger/accounts/:id/entries',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'Entries of an account, newest first, each with the balance after it; `before` is a version',
    params: Params,
    query: z.strictObject({
      before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
      limit: Limit,
    }),
    responses: { 200: page(EntryView) },
    async handle({ principal, params, query }, { db }) {
      const { account, entries } = await reading(db, principal, async tx => ({
        account: await accountOf(tx, params.id),
        entries: await entriesOf(tx, params.id, query),
      }))
      const items = entries.map(entry => entryView(entry, () => account.scale))
      return ok({ items, next: nextOf(items, query.limit, entry => String(entry.version)) })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/ledger/accounts/:id/statement',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'A statement of an account from a time up to, not including, another, as JSON or CSV (RFC 4180)',
    params: Params,
    query: z.strictObject({ from: Time, to: Time, format: z.enum(['json', 'csv']).default('json') }),
    responses: { 200: z.union([StatementView, z.string().meta({ description: 'CSV' })]) },
    async handle({ principal, params, query: { from, to, format } }, { db }) {
      if (to < from || to - from > STATEMENT_SPAN_MAX)
        throw new AppError('request.invalid', {
          field: 'to',
          rule: 'is not before from, and at most 366 days after it',
        })
      const statement = await reading(db, principal, tx => statementOf(tx, params.id, from, to))
      return format === 'csv' ? okAs(CSV, statementCsv(statement)) : ok(statementView(statement))
    },
  }),
]

const journalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/ledger/journals',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'Journals, newest first, of an account or a cause where one is named; `before` is the id of a journal',
    query: z.strictObject({
      account: z.uuid().optional(),
      cause: z.string().min(1).max(200).optional(),
      before: z.uuid().optional(),
      limit: Limit,
    }),
    responses: { 200: page(JournalView) },
    async handle({ principal, query }, { db }) {
      const journals = await reading(db, principal, tx => journalsOf(tx, query))
      return ok({ items: journals.map(journalView), next: nextOf(journals, query.limit, journal => journal.id) })
    },
  }),
  route({
    method: 'GET',
    path: '/v1/ledger/journals/:id',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'A journal with its entries',
    params: Params,
    responses: { 200: JournalWithEntriesView },
    async handle({ principal, params }, { db }) {
      const { journal, entries, scales } = await reading(db, principal, async tx => ({
        ...(await journalOf(tx, params.id)),
        scales: await scalesOf(tx),
      }))
      return ok({ ...journalView(journal), entries: entries.map(entry => entryView(entry, scales)) })
    },
  }),
]

const bookRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/ledger/trial-balance',
    permission: 'ledger:read',
    rate: 'read',
    summary: 'Debits and credits by kind of account and asset, now or as of a time',
    query: z.strictObject({ at: Time.optional() }),
    responses: { 200: TrialBalanceView },
    handle: async ({ principal, query: { at } }, { db }) =>
      ok(trialBalanceView(await reading(db, principal, tx => trialBalance(tx, at)), at)),
  }),
  route({
    method: 'POST',
    path: '/v1/ledger/verify',
    permission: 'ledger:verify',
    rate: 'write',
    audit: 'ledger.verify',
    summary: 'Works the books out again from their journals and tells every difference; changes nothing',
    responses: { 200: VerificationView },
    async handle({ principal }, { db }) {
      const { faults, ...rest } = await verify(db, principal.tenant)
      return ok({ ...rest, faults: [...faults] })
    },
  }),
]

export const ledgerRoutes: readonly Route[] = [...accountRoutes, ...journalRoutes, ...bookRoutes]
