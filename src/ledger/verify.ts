// Declares the table of holds, which is verified here too.

import type { TenantId } from '../kernel/index.ts'
import type { Database, TenantTx } from '../platform/index.ts'
import { type Account, isClientKind, isHouseKind } from './account.ts'
// Declares the table of holds, which is read here.
import type {} from './holds.ts'
import { hashBefore, journalsAfter, placeOf, type SealedJournal, type SealTable, sealHash, sealsAfter } from './seal.ts'
import { accountsOf } from './store.ts'

const FAULTS_MAX = 100
const JOURNALS_PER_PAGE = 1_000
const ENTRIES_PER_PAGE = 10_000
const ROWS_PER_PAGE = 500

/** Something that the books should not hold: what it is about, and which rule it breaks. */
export interface Fault {
  readonly kind: 'seal' | 'journal' | 'account' | 'hold'
  readonly id: string
  readonly rule: string
}

/** What was looked at, and what is wrong; of more than a hundred faults the first hundred are told. */
export interface Verification {
  readonly isSound: boolean
  readonly faults: readonly Fault[]
  readonly accounts: number
  readonly journals: number
  readonly entries: number
  readonly holds: number
  readonly seals: number
  /** Journals that no seal covers yet. */
  readonly unsealed: number
}

/**
 * Works the tenant's books out again from their journals: the chain of seals, zero sums, kinds that may not meet, running
 * balances and versions of every account, and what the holds say is held. Reads one state of the books in pages, changes nothing.
 * @throws AppError `database.unavailable`
 */
export function verify(db: Database, tenant: TenantId): Promise<Verification> {
  return db.tenant(tenant, tx => new Check(tx).run(), { isolation: 'repeatable read', readOnly: true })
}

/** What an account comes to by its lines, in the order of its versions. */
interface Books {
  readonly account: Account
  balance: bigint
  version: number
  at: number
}

class Check {
  readonly #tx: TenantTx
  readonly #faults: Fault[] = []
  readonly #accounts = new Map<string, Account>()
  #journals = 0
  #lines = 0
  #entries = 0
  #holds = 0
  #seals = 0
  #unsealed = 0

  constructor(tx: TenantTx) {
    this.#tx = tx
  }

  async run(): Promise<Verification> {
    await this.#readAccounts()
    await this.#checkJournals()
    for (const account of this.#accounts.values()) await this.#checkAccount(account)
    if (this.#entries !== this.#lines)
      this.#report(
        'journal',
        'all',
        `lines of journals (${this.#lines}) are the entries of accounts (${this.#entries})`,
      )
    await this.#checkHolds()
    return {
      isSound: this.#faults.length === 0,
      faults: this.#faults,
      accounts: this.#accounts.size,
      journals: this.#journals,
      entries: this.#entries,
      holds: this.#holds,
      seals: this.#seals,
      unsealed: this.#unsealed,
    }
  }

  #report(kind: Fault['kind'], id: string, rule: string): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push({ kind, id, rule })
  }

  async #readAccounts(): Promise<void> {
    for (let after: string | undefined; ; ) {
      const page = await accountsOf(this.#tx, { limit: ROWS_PER_PAGE, ...(after === undefined ? {} : { after }) })
      for (const account of page) this.#accounts.set(account.id, account)
      if (page.length < ROWS_PER_PAGE) return
      after = page.at(-1)!.id
    }
  }

  /** Every journal, first under its seal, then those that no seal covers. */
  async #checkJournals(): Promise<void> {
    let last: SealTable | undefined
    for (;;) {
      const [seal] = await sealsAfter(this.#tx, last?.sequence ?? 0, 1)
      if (seal === undefined) break
      await this.#checkSeal(seal, last)
      last = seal
    }
    for (let place = placeOf(last); ; ) {
      const page = await journalsAfter(this.#tx, place, { limit: JOURNALS_PER_PAGE, settledOnly: false })
      for (const journal of page) this.#checkJournal(journal)
      this.#unsealed += page.length
      const end = page.at(-1)
      if (end === undefined) return
      place = { xid: end.xid, journal: end.id }
    }
  }

  async #checkSeal(seal: SealTable, last: SealTable | undefined): Promise<void> {
    const id = String(seal.sequence)
    const journals = await this.#journalsUpTo(seal, last)
    this.#seals += 1
    for (const journal of journals) this.#checkJournal(journal)
    if (seal.sequence !== (last?.sequence ?? 0) + 1) this.#report('seal', id, 'follows the seal before it')
    if (!seal.previous_hash.equals(hashBefore(last))) this.#report('seal', id, 'carries the hash of the seal before it')
    if (journals.length !== seal.journals || journals[0]?.id !== seal.from_journal)
      this.#report('seal', id, `covers ${seal.journals} journals; there are ${journals.length}`)
    if (!seal.hash.equals(sealHash(seal.sequence, seal.previous_hash, journals)))
      this.#report('seal', id, 'has the hash of its journals')
  }

  async #journalsUpTo(seal: SealTable, last: SealTable | undefined): Promise<SealedJournal[]> {
    const isCovered = ({ xid, id }: SealedJournal) =>
      BigInt(xid) < BigInt(seal.to_xid) || (xid === seal.to_xid && id <= seal.to_journal)
    const journals: SealedJournal[] = []
    for (let place = placeOf(last); ; ) {
      const page = await journalsAfter(this.#tx, place, { limit: JOURNALS_PER_PAGE, settledOnly: false })
      const covered = page.filter(isCovered)
      journals.push(...covered)
      const end = covered.at(-1)
      if (end === undefined || covered.length < JOURNALS_PER_PAGE) return journals
      place = { xid: end.xid, journal: end.id }
    }
  }

  #checkJournal({ id, lines }: SealedJournal): void {
    this.#journals += 1
    this.#lines += lines.length
    const sums = new Map<string, bigint>()
    let [isClients, isHouses] = [false, false]
    for (const [, account, asset, amount] of lines) {
      const { kind = '', asset: own } = this.#accounts.get(account) ?? {}
      if (own !== asset) this.#report('journal', id, `has a line in the asset of its account ${account}`)
      isClients ||= isClientKind(kind)
      isHouses ||= isHouseKind(kind)
      sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(amount))
    }
    if (lines.length === 0) this.#report('journal', id, 'has lines')
    for (const [asset, sum] of sums)
      if (sum !== 0n) this.#report('journal', id, `adds up to zero in ${asset}, not ${sum}`)
    if (isClients && isHouses) this.#report('journal', id, 'has funds of clients or of the house, not both')
  }

  async #checkAccount(account: Account): Promise<void> {
    const books: Books = { account, balance: 0n, version: 0, at: 0 }
    for (let size = ENTRIES_PER_PAGE; size === ENTRIES_PER_PAGE; ) size = await this.#checkEntries(books)
    const { id, balance, version, minimum } = account
    if (balance !== books.balance)
      this.#report('account', id, `holds what its entries add up to, ${books.balance}, not ${balance}`)
    if (version !== books.version)
      this.#report('account', id, `has as many versions as entries, ${books.version}, not ${version}`)
    if (minimum !== null && balance < minimum) this.#report('account', id, `holds at least ${minimum}`)
  }

  /** The next page of an account's entries; returns how many there were. */
  async #checkEntries(books: Books): Promise<number> {
    const { id, minimum } = books.account
    const page = await this.#tx
      .selectFrom('ledger_entry')
      .select(['account_version', 'amount', 'balance_after', 'at'])
      .where('tenant_id', '=', this.#tx.tenant)
      .where('account_id', '=', id)
      .where('account_version', '>', books.version)
      .orderBy('account_version')
      .limit(ENTRIES_PER_PAGE)
      .execute()
    for (const entry of page) {
      const due = books.version + 1
      if (entry.account_version !== due)
        this.#report('account', id, `has version ${due} before ${entry.account_version}`)
      books.version = entry.account_version
      books.balance += BigInt(entry.amount)
      if (BigInt(entry.balance_after) !== books.balance)
        this.#report('account', id, `comes to ${books.balance} at version ${books.version}, not ${entry.balance_after}`)
      if (minimum !== null && books.balance < minimum)
        this.#report('account', id, `holds at least ${minimum} at version ${books.version}`)
      if (entry.at < books.at) this.#report('account', id, `goes on in time at version ${books.version}`)
      books.at = entry.at
    }
    this.#entries += page.length
    return page.length
  }

  /** What a held account holds is what remains of its holds. */
  async #checkHolds(): Promise<void> {
    const held = new Map<string, bigint>()
    for (let after = ''; ; ) {
      let query = this.#tx
        .selectFrom('ledger_hold')
        .select(['id', 'held_id', 'remaining'])
        .where('tenant_id', '=', this.#tx.tenant)
      if (after !== '') query = query.where('id', '>', after)
      const page = await query.orderBy('id').limit(ROWS_PER_PAGE).execute()
      for (const hold of page) held.set(hold.held_id, (held.get(hold.held_id) ?? 0n) + BigInt(hold.remaining))
      this.#holds += page.length
      if (page.length < ROWS_PER_PAGE) break
      after = page.at(-1)!.id
    }
    for (const { id, kind, balance } of this.#accounts.values())
      if (kind === 'client_held' && balance !== (held.get(id) ?? 0n))
        this.#report('hold', id, `holds ${balance}; what remains of its holds is ${held.get(id) ?? 0n}`)
  }
}
