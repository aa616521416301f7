import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseDecimal } from '../kernel/index.ts'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import type { AccountId } from './account.ts'
import { captureHold, placeHold, sweepHolds, voidHold } from './holds.ts'
import type { JournalId, Line } from './journal.ts'
import { openAssets } from './store.ts'
import { type Books, codeOf, NOON, newBooks } from './testing.ts'

/**
 * Tables of TigerBeetle's state machine and transcripts of pgledger, acted out here.
 *
 * A pending transfer is a hold, posting it a capture that releases the rest, a chain of linked transfers one journal, an id the
 * key. Of an account, debits pending are what is held of it, and its balance is credits posted − debits posted − debits pending;
 * credits pending are nowhere here, since money that is on hold has not come.
 *
 * Tables not taken: those of accounts, queries and change events (interfaces of TigerBeetle); balancing and closing transfers and
 * imported events (not offered here); limits on the credits of an account, with the tables that set balances near 2^128 (amounts
 * here have 38 digits). Rows not taken: malformed flags and ids of zero (there are none here), user data (likewise), an id
 * that has failed before (a key that was refused is free here), and the void of a part that TigerBeetle refuses (allowed here).
 */
const folder = join(process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'cases/ledger')
const isThere = existsSync(folder)
const skipping = '(skipped where the shared cases are absent)'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const TAKEN = [
  'create/lookup 2-phase transfers',
  'create/lookup expired transfers',
  'create_transfers/lookup_transfers: failed transfer does not exist',
  'create_transfers: failed linked-chains are undone',
  'create_transfers: failed linked-chains are undone within a commit',
]
/** What TigerBeetle answers, and what that is here; a row with any other answer is not taken. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  created: ['resolved'],
  exists: ['resolved'],
  exists_with_different_flags: ['ledger.key_conflict'],
  // More than the hold has is refused for that, before the key is looked at.
  exists_with_different_amount: ['ledger.key_conflict', 'ledger.hold_exceeded'],
  exists_with_different_pending_id: ['ledger.key_conflict'],
  pending_transfer_not_found: ['ledger.hold_unknown'],
  pending_transfer_not_pending: ['ledger.hold_unknown'],
  exceeds_pending_transfer_amount: ['ledger.hold_exceeded'],
  pending_transfer_already_posted: ['ledger.hold_closed'],
  pending_transfer_already_voided: ['ledger.hold_closed'],
  pending_transfer_expired: ['ledger.hold_closed'],
  ledger_must_not_be_zero: ['ledger.account_unknown'],
}
const WHOLE = '-0'

function tables(): Map<string, string[][]> {
  const text = readFileSync(join(folder, 'state_machine_tests.tables.txt'), 'utf8')
  const found = new Map<string, string[][]>()
  for (const part of text.split(/^## /m).slice(1)) {
    const [title = '', ...lines] = part.split('\n')
    const rows = lines.map(line =>
      line
        .replace(/\/\/.*$/, '')
        .trim()
        .split(/\s+/),
    )
    found.set(
      title.trim(),
      rows.filter(row => row[0] !== ''),
    )
  }
  return found
}

/** One table acted out on the books of a tenant; counts the transfers that were taken. */
class Table {
  readonly #books: Books
  readonly #accounts = new Map<string, { main: AccountId; held: AccountId }>()
  readonly #ids = new Map<string, JournalId>()
  /** The accounts and the amount of every hold: rows may leave them out. */
  readonly #holds = new Map<string, { credit: string; amount: bigint }>()
  #chain: string[][] = []
  #now = NOON
  taken = 0

  constructor(books: Books) {
    this.#books = books
  }

  async row(row: string[]): Promise<void> {
    switch (row[0]) {
      case 'account':
        return this.#open(row)
      case 'setup':
        await this.#books.deposit(this.#accounts.get(row[1]!)!.main, BigInt(row[5]!))
        return
      case 'tick':
        this.#now += Number(row[1]) * 1_000_000
        await sweepHolds(fresh.db, this.#books.tenant, this.#now, this.#books.ids)
        return
      case 'transfer':
        this.#chain.push(row)
        if (row[12] === 'LNK') return
        await this.#transfers(this.#chain)
        this.#chain = []
        return
      case 'lookup_account':
        return this.#lookUp(row)
      case 'lookup_transfer':
        if (row[2] !== 'exists') return
        expect([row[1], await this.#isPosted(row[1]!)]).toEqual([row[1], row[3] === 'true'])
    }
  }

  async #open(row: string[]): Promise<void> {
    const [name, isLimited] = [row[1]!, row.includes('D<C')]
    const main = isLimited
      ? await this.#books.open('client_wallet', name)
      : await this.#books.open('clearing', name, 'USD', { minimum: null })
    this.#accounts.set(name, { main, held: await this.#books.open('client_held', name) })
  }

  async #transfers(chain: string[][]): Promise<void> {
    const answers = chain.map(row => row.at(-1)!)
    const due = ANSWERS[answers.find(answer => answer !== 'linked_event_failed')!]
    if (due === undefined) return
    this.taken += chain.length
    const got = await codeOf(chain.length === 1 ? this.#single(chain[0]!) : this.#linked(chain))
    expect({ row: chain.at(-1)!.join(' '), got, isDue: due.includes(got) }).toMatchObject({ isDue: true })
  }

  #line = (account: string, ledger: string, amount: bigint): Line => ({
    account: this.#accounts.get(account)!.main,
    asset: ledger === 'L1' ? 'USD' : 'BTC',
    amount,
  })

  async #linked(chain: string[][]): Promise<unknown> {
    const lines = chain.flatMap(([, , debit, credit, amount, , , , , , ledger]) => [
      this.#line(debit!, ledger!, -BigInt(amount!)),
      this.#line(credit!, ledger!, BigInt(amount!)),
    ])
    return this.#books.post(
      chain[0]![1]!,
      lines.map(line => [line.account, line.amount, line.asset]),
    )
  }

  async #single(row: string[]): Promise<unknown> {
    const [, key = '', debit = '', credit = '', amount = '', pending = '', , , , timeout = '', ledger = ''] = row
    const { tenant, ids } = this.#books
    const inTx = <T>(run: Parameters<typeof fresh.db.tenant<T>>[1]) => fresh.db.tenant(tenant, run)
    const booking = { key, at: this.#now }
    if (row.includes('PEN')) {
      const { main: account, held } = this.#accounts.get(debit)!
      const expiresAt = timeout === '_' || timeout === '0' ? null : this.#now + Number(timeout) * 1_000_000
      const wish = { ...booking, account, held, asset: 'USD', amount: BigInt(amount), expiresAt }
      const { id } = await inTx(tx => placeHold(tx, wish, ids))
      this.#ids.set(key, id)
      this.#holds.set(key, { credit, amount: BigInt(amount) })
      return id
    }
    if (!row.includes('POS') && !row.includes('VOI')) {
      const { id } = await this.#books.post(
        key,
        [this.#line(debit, ledger, -BigInt(amount)), this.#line(credit, ledger, BigInt(amount))].map(line => [
          line.account,
          line.amount,
          line.asset,
        ]),
      )
      this.#ids.set(key, id)
      return id
    }
    const hold = this.#ids.get(pending) ?? tenant
    const placed = this.#holds.get(pending)
    const whole = placed?.amount ?? 0n
    const given = amount === WHOLE ? whole : amount === '_' ? 0n : amount === '-1' ? whole + 1n : BigInt(amount)
    if (row.includes('VOI')) return inTx(tx => voidHold(tx, hold, { ...booking, amount: given }, ids))
    const to = [{ account: this.#accounts.get(placed?.credit ?? '')?.main ?? ('' as AccountId), amount: given }]
    return inTx(tx => captureHold(tx, hold, { ...booking, to, rest: 'release' }, ids))
  }

  async #lookUp([, name = '', debitsPending = '', debits = '', , credits = '']: string[]): Promise<void> {
    const { main, held } = this.#accounts.get(name)!
    const pending = BigInt(debitsPending)
    expect([name, await this.#books.balances(held, main)]).toEqual([
      name,
      [pending, BigInt(credits) - BigInt(debits) - pending],
    ])
  }

  async #isPosted(key: string): Promise<boolean> {
    const rows = await fresh.asOwner('SELECT 1 FROM ledger_journal WHERE tenant_id = $1 AND key = $2', [
      this.#books.tenant,
      key,
    ])
    return rows.length === 1
  }
}

describe('TigerBeetle', () => {
  test.skipIf(!isThere).each(TAKEN)(`%s ${skipping}`, async title => {
    const table = new Table(await newBooks(fresh, title))
    for (const row of tables().get(title)!) await table.row(row)
    const transfers = { [TAKEN[0]!]: 40, [TAKEN[1]!]: 8, [TAKEN[2]!]: 2, [TAKEN[3]!]: 4, [TAKEN[4]!]: 3 }
    expect(table.taken).toBe(transfers[title])
  })
})

/** A statement of a transcript with what psql printed for it. */
interface Spoken {
  readonly statement: string
  readonly printed: readonly string[]
}

function transcript(name: string): Spoken[] {
  const spoken: { statement: string; printed: string[] }[] = []
  let statement = ''
  for (const line of readFileSync(join(folder, 'pgledger', name), 'utf8').split('\n')) {
    if (/^--( |$)/.test(line)) continue
    if (statement !== '' || /^(SELECT|UPDATE|CREATE|WITH)\b/.test(line)) {
      statement += `${line}\n`
      if (!/(;|\\gset \w+|\\crosstabview.*)$/.test(line)) continue
      spoken.push({ statement, printed: [] })
      statement = ''
    } else if (line.trim() !== '') spoken.at(-1)?.printed.push(line)
  }
  return spoken
}

describe('pgledger', () => {
  // lock-account.sql is left out: accounts here have no highest balance and do not change.
  test.skipIf(!isThere).each([
    ['basic-example.sql.out', 7, 6],
    ['reconciliation.sql.out', 6, 1],
    ['multi-currency.sql.out', 3, 0],
  ])(`%s ${skipping}`, async (name, transfers, balances) => {
    const books = await newBooks(fresh, name)
    await fresh.db.tenant(books.tenant, tx => openAssets(tx, [{ code: 'EUR', scale: 2 }]))
    const accounts = new Map<string, { id: AccountId; asset: string }>()
    const names = new Map<string, string>()
    const seen = { transfers: 0, balances: 0 }
    for (const { statement, printed } of transcript(name)) {
      const opened = /create_account\('([^']+)', '(\w+)'(.*FALSE)?\) \\gset (\w+)_$/m.exec(statement)
      if (opened) {
        const [, owner = '', asset = '', limit, variable = ''] = opened
        const kind = limit ? 'client_wallet' : 'clearing'
        const id = await books.open(kind, owner, asset, limit ? {} : { minimum: null })
        accounts.set(variable, { id, asset })
        names.set(owner, variable)
        continue
      }
      if (/pgledger_create_transfers?\(/.test(statement)) {
        const legs = [...statement.matchAll(/:'(\w+)_id',\s*:'(\w+)_id',\s*'?([\d.]+)'?/g)]
        const lines = legs.flatMap(([, from = '', to = '', amount = '']) => {
          const units = parseDecimal(amount, 2)
          const [giver, taker] = [accounts.get(from)!, accounts.get(to)!]
          return [[giver.id, -units, giver.asset] as const, [taker.id, units, taker.asset] as const]
        })
        seen.transfers += 1
        const code = await codeOf(books.post(`transfer/${seen.transfers}`, lines))
        const isRefused = printed.some(line => line.startsWith('ERROR'))
        expect([statement, code !== 'resolved']).toEqual([statement, isRefused])
        continue
      }
      const one = /SELECT balance FROM pgledger_accounts_view\s+WHERE id =:'(\w+)_id'/.exec(statement)?.[1]
      const rows =
        one === undefined
          ? printed.flatMap(line => [...(/^ (\S+)\s+\|\s+(-?[\d.]+)$/.exec(line)?.slice(1, 3) ?? [])])
          : [one, printed[2]!.trim()]
      if (one === undefined && !/SELECT\s+name,\s+balance\s+FROM/.test(statement)) continue
      for (let i = 0; i < rows.length; i += 2) {
        const account = accounts.get(one ?? names.get(rows[i]!)!)!
        expect([rows[i], await books.balances(account.id)]).toEqual([rows[i], [parseDecimal(rows[i + 1]!, 2)]])
        seen.balances += 1
      }
    }
    expect(seen).toEqual({ transfers, balances })
  })
})
