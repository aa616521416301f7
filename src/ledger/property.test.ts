import { beforeAll, expect, test } from 'vitest'
import { type Random, seededRandom } from '../kernel/index.ts'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import { type AccountId, isClientKind, isHouseKind, type NewAccount } from './account.ts'
import { balanceAt } from './history.ts'
import type { NewJournal } from './journal.ts'
import { postEach } from './posting.ts'
import { ASSETS, type Books, NOON, newBooks } from './testing.ts'
import { verify } from './verify.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

interface Known {
  id: AccountId
  kind: NewAccount['kind']
  asset: string
  minimum: bigint | null
}

/** The books as one would write them down without a database: a map, and one journal after another. */
class NaiveBooks {
  readonly balances = new Map<string, bigint>()
  readonly #keys = new Map<string, string>()
  readonly #accounts: ReadonlyMap<string, Known>

  constructor(accounts: readonly Known[]) {
    this.#accounts = new Map(accounts.map(account => [account.id, account]))
    for (const { id } of accounts) this.balances.set(id, 0n)
  }

  post(journal: NewJournal): string {
    const contents = JSON.stringify([
      journal.kind,
      journal.lines.map(line => [line.account, line.asset, String(line.amount)]),
    ])
    const accounts = journal.lines.map(line => this.#accounts.get(line.account)!)
    for (const { code } of ASSETS) {
      const lines = journal.lines.filter(line => line.asset === code)
      if (lines.reduce((sum, line) => sum + line.amount, 0n) !== 0n) return 'ledger.unbalanced'
    }
    const before = this.#keys.get(journal.key)
    if (before !== undefined) return before === contents ? 'repeated' : 'ledger.key_conflict'
    if (journal.lines.some((line, i) => line.asset !== accounts[i]!.asset)) return 'ledger.account_unknown'
    if (accounts.some(({ kind }) => isClientKind(kind)) && accounts.some(({ kind }) => isHouseKind(kind)))
      return 'ledger.funds_mixed'
    const next = new Map(this.balances)
    for (const [i, { account, amount }] of journal.lines.entries()) {
      const balance = next.get(account)! + amount
      const { minimum } = accounts[i]!
      if (minimum !== null && balance < minimum) return 'ledger.insufficient_funds'
      next.set(account, balance)
    }
    this.#keys.set(journal.key, contents)
    for (const [account, balance] of next) this.balances.set(account, balance)
    return 'posted'
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!

async function accountsIn(books: Books): Promise<Known[]> {
  const wishes: [NewAccount['kind'], string, bigint | null][] = [
    ['outside', 'bank', null],
    ['client_wallet', 'alice', 0n],
    ['client_wallet', 'bob', 0n],
    ['client_trading', 'alice', 0n],
    ['house_fees', 'fees', 0n],
    ['clearing', 'fees', 0n],
    ['clearing', 'rebates', -50n],
  ]
  const known: Known[] = []
  for (const { code } of ASSETS)
    for (const [kind, owner, minimum] of wishes)
      known.push({ id: await books.open(kind, owner, code, { minimum }), kind, asset: code, minimum })
  return known
}

/** Mostly journals that are right; some are unbalanced, repeated, changed under their key, or in the wrong asset. */
function journalBy(random: Random, accounts: readonly Known[], earlier: readonly NewJournal[], n: number): NewJournal {
  if (earlier.length > 0 && random.below(10) === 0) {
    const again = { ...pick(random, earlier), at: NOON + n }
    return random.below(3) === 0 ? { ...again, kind: 'changed' } : again
  }
  const lines = Array.from({ length: 1 + random.below(3) }).flatMap(() => {
    const from = pick(random, accounts)
    const to = pick(
      random,
      accounts.filter(account => account.asset === from.asset && account.id !== from.id),
    )
    const amount = BigInt(1 + random.below(from.kind === 'outside' ? 500 : 80))
    const taken = random.below(40) === 0 ? amount + 1n : amount
    const asset = random.below(40) === 0 ? pick(random, ASSETS).code : from.asset
    return [
      { account: from.id, asset, amount: -amount },
      { account: to.id, asset, amount: taken },
    ]
  })
  return { key: `k${n}`, kind: 'test', at: NOON + n, lines }
}

const SEEDS = Array.from({ length: 6 }, (_, i) => `books-${i}`)
test.each(SEEDS)('batches of journals, good and bad, leave the books as the naive ones (seed %s)', async seed => {
  const random = seededRandom(seed)
  const books = await newBooks(fresh, seed)
  const accounts = await accountsIn(books)
  const naive = new NaiveBooks(accounts)
  const earlier: NewJournal[] = []
  const snapshots: { at: number; balances: Map<string, bigint> }[] = []
  const seen = new Map<string, number>()
  for (let n = 0; n < 240; ) {
    const batch: NewJournal[] = []
    for (let size = 1 + random.below(24); size > 0; size--) {
      n += 1
      batch.push(journalBy(random, accounts, [...earlier, ...batch], n))
    }
    const outcomes = await postEach(fresh.db, books.tenant, batch, books.ids)
    const told = outcomes.map(one => (one.outcome === 'refused' ? one.error.code : one.outcome))
    expect(told).toEqual(batch.map(journal => naive.post(journal)))
    for (const outcome of told) seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    earlier.push(...batch)
    snapshots.push({ at: NOON + n, balances: new Map(naive.balances) })
  }
  const ids = accounts.map(account => account.id)
  expect(await books.balances(...ids)).toEqual(ids.map(id => naive.balances.get(id)))
  // Times rise from batch to batch, so that the books as of the last of one are those after it.
  for (const { at, balances } of [snapshots[2]!, pick(random, snapshots)])
    for (const id of ids) {
      const then = await fresh.db.tenant(books.tenant, tx => balanceAt(tx, id, at))
      expect([id, then.balance]).toEqual([id, balances.get(id)])
    }
  expect(await verify(fresh.db, books.tenant)).toMatchObject({ isSound: true, journals: seen.get('posted') })
  // The test tests something: every outcome comes up.
  for (const outcome of ['posted', 'repeated', 'ledger.insufficient_funds', 'ledger.funds_mixed', 'ledger.unbalanced'])
    expect([outcome, (seen.get(outcome) ?? 0) > 0]).toEqual([outcome, true])
})
