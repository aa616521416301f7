import { AppError, type IdSource, seededIds, seededRandom, type TenantId } from '../kernel/index.ts'
import type { Database } from '../platform/index.ts'
import type { AccountId, NewAccount } from './account.ts'
import type { JournalId, Line, NewJournal, Posted } from './journal.ts'
import { post } from './posting.ts'
import { accountsOf, openAccounts, openAssets } from './store.ts'

/** For tests only: the books of a new tenant, with accounts by short names. */

export const NOON = 1_763_700_000_000_000
export const ASSETS = [
  { code: 'USD', scale: 2 },
  { code: 'BTC', scale: 8 },
  { code: 'ETH', scale: 18 },
] as const

/** `[account, amount]` or `[account, amount, asset]`; the asset is USD unless said. */
export type ShortLine = readonly [AccountId, bigint | number, string?]

export const linesOf = (lines: readonly ShortLine[]): Line[] =>
  lines.map(([account, amount, asset = 'USD']) => ({ account, asset, amount: BigInt(amount) }))

export interface Books {
  readonly tenant: TenantId
  readonly ids: IdSource
  /** The account of this kind, owner and asset, opened where it is missing. */
  open(kind: NewAccount['kind'], owner: string, asset?: string, more?: Partial<NewAccount>): Promise<AccountId>
  /** A journal of short lines. */
  journal(key: string, lines: readonly ShortLine[], more?: Partial<NewJournal>): NewJournal
  /** Posts one journal in a transaction of its own. */
  post(key: string, lines: readonly ShortLine[], more?: Partial<NewJournal>): Promise<Posted>
  /** Money from outside into an account. */
  deposit(account: AccountId, amount: bigint | number, asset?: string): Promise<JournalId>
  balances(...accounts: AccountId[]): Promise<bigint[]>
}

let made = 0

export async function newBooks(fresh: { readonly db: Database }, seed: string): Promise<Books> {
  made += 1
  const ids = seededIds(seededRandom(`${seed} ${made}`))
  const tenant = ids.next() as TenantId
  await fresh.db.tenant(tenant, tx => openAssets(tx, ASSETS))
  let deposits = 0
  const books: Books = {
    tenant,
    ids,
    async open(kind, owner, asset = 'USD', more = {}) {
      const shard = kind === 'client_trading' ? { shard: 'main' } : {}
      const minimum = kind === 'outside' ? { minimum: null } : {}
      const wish = { kind, owner, asset, ...shard, ...minimum, ...more }
      const [account] = await fresh.db.tenant(tenant, tx => openAccounts(tx, [wish], ids))
      return account!.id
    },
    journal: (key, lines, more) => ({ key, kind: 'test', at: NOON, lines: linesOf(lines), ...more }),
    async post(key, lines, more) {
      const [posted] = await fresh.db.tenant(tenant, tx => post(tx, [books.journal(key, lines, more)], ids))
      return posted!
    },
    async deposit(account, amount, asset = 'USD') {
      const outside = await books.open('outside', 'bank', asset)
      deposits += 1
      const lines: ShortLine[] = [
        [outside, -BigInt(amount), asset],
        [account, amount, asset],
      ]
      return (await books.post(`deposit/${deposits}`, lines, { kind: 'deposit' })).id
    },
    async balances(...accounts) {
      const found = await fresh.db.tenant(tenant, tx => accountsOf(tx, { ids: accounts, limit: accounts.length }))
      return accounts.map(id => found.find(account => account.id === id)!.balance)
    },
  }
  return books
}

/** The code of the error that a promise rejects with. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    error => (error instanceof AppError ? error.code : String(error)),
  )
