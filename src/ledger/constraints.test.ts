import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TenantId } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import type { AccountId } from './account.ts'
import { type Books, codeOf, NOON, newBooks } from './testing.ts'

/** What the database refuses by itself to the role of the application, whatever the code around it does. */

let fresh: FreshDatabase
let books: Books
let alice: AccountId
let bob: AccountId
let fees: AccountId
beforeAll(async () => {
  fresh = await freshDatabase()
  books = await newBooks(fresh, 'attacks')
  alice = await books.open('client_wallet', 'alice')
  bob = await books.open('client_wallet', 'bob')
  fees = await books.open('clearing', 'fees')
  await books.deposit(alice, 1_000)
})

const TABLES = ['ledger_asset', 'ledger_account', 'ledger_journal', 'ledger_entry', 'ledger_hold', 'ledger_seal']
const asApp = (statement: (tx: TenantTx) => Promise<unknown>, tenant: TenantId = books.tenant) =>
  fresh.db.tenant(tenant, statement)

interface RawLine {
  journal?: number
  line?: number
  /** One that is not among the accounts is of none. */
  account: string
  asset?: string
  amount: number
}

/** The posting function as an attacker with the application's role would call it. */
function rawPost(
  tx: TenantTx,
  keys: readonly string[],
  lines: readonly RawLine[],
  more: { ids?: string[]; reverses?: string; hold?: string; hash?: string; accounts?: readonly string[] } = {},
) {
  const all = <T>(value: T) => keys.map(() => value)
  const accounts = more.accounts ?? [...new Set(lines.map(line => line.account))]
  return sql<{ id: string; fresh: boolean }>`SELECT * FROM ledger_post(
    ${more.ids ?? keys.map(() => books.ids.next())}, ${[...keys]}, ${all('attack')}, ${all(more.hash ?? 'ab'.repeat(32))},
    ${all(NOON)}, ${all(null)}, ${all(more.reverses ?? null)}, ${all(more.hold ?? null)}, ${all(null)}, ${accounts},
    ${lines.map(line => line.journal ?? 1)}, ${lines.map((line, i) => line.line ?? i + 1)},
    ${lines.map(line => accounts.indexOf(line.account) + 1)}, ${lines.map(line => line.asset ?? 'USD')}, ${lines.map(line => line.amount)})`.execute(
    tx,
  )
}
const move = (from: string, to: string, amount: number): RawLine[] => [
  { account: from, amount: -amount },
  { account: to, amount },
]

describe('past the posting function', () => {
  test.each(['ledger_account', 'ledger_journal', 'ledger_entry', 'ledger_hold'])(
    'nothing is changed in %s',
    async table => {
      for (const statement of [
        `UPDATE ${table} SET tenant_id = tenant_id`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ])
        await expect(asApp(tx => sql.raw(statement).execute(tx))).rejects.toThrow(/permission denied/)
    },
  )

  test('no journal, entry or hold is inserted', async () => {
    const id = books.ids.next()
    const { tenant } = books
    const journal = sql`INSERT INTO ledger_journal (tenant_id, id, key, kind, input_hash, at)
      VALUES (${tenant}, ${id}, 'k', 'attack', decode(repeat('ab', 32), 'hex'), 0)`
    const entry = sql`INSERT INTO ledger_entry VALUES (${tenant}, ${id}, 1, ${alice}, 'USD', 5, 1005, 2, 0)`
    const hold = sql`INSERT INTO ledger_hold VALUES (${tenant}, ${id}, ${alice}, ${alice}, 'USD', 5, 5, null)`
    for (const statement of [journal, entry, hold])
      await expect(asApp(tx => statement.execute(tx))).rejects.toThrow(/permission denied/)
  })

  test('no account is opened with money in it', async () => {
    const own = sql`INSERT INTO ledger_account (tenant_id, id, asset, kind, owner, balance)
      VALUES (${books.tenant}, ${books.ids.next()}, 'USD', 'client_wallet', 'mallory', 5)`
    await expect(asApp(tx => own.execute(tx))).rejects.toThrow(/permission denied/)
  })

  test.each(['ledger_check_reversals', 'ledger_move_holds'])(
    '%s moves nothing for whom calls it by itself',
    async name => {
      const call = sql.raw(
        `SELECT ${name}('${books.tenant}', '{}'${name === 'ledger_move_holds' ? `, '{}', '{}'` : ''})`,
      )
      await expect(asApp(tx => call.execute(tx))).rejects.toThrow(/permission denied/)
    },
  )

  test.each(TABLES)('even the owner of %s takes nothing back by accident', async table => {
    const [seal] = await fresh.asOwner('SELECT 1 FROM ledger_seal')
    expect(seal).toBeUndefined()
    for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])
      await expect(fresh.asOwner(statement)).rejects.toThrow(/stays as it is/)
    const column = { ledger_account: 'owner = owner', ledger_hold: 'amount = amount' }[table] ?? 'tenant_id = tenant_id'
    await expect(fresh.asOwner(`UPDATE ${table} SET ${column}`)).rejects.toThrow(/stays as it is/)
  })
})

describe('through the posting function', () => {
  test.each([
    [
      'lines that are not balanced',
      () => [
        { account: alice, amount: -5 },
        { account: bob, amount: 4 },
      ],
      'BL002',
    ],
    ['a journal without lines', () => [], 'BL002'],
    ['more than there is', () => move(alice, bob, 1_001), 'BL001'],
    ['more than there is, before it comes', () => [...move(bob, alice, 1), ...move(alice, bob, 1)], 'BL001'],
    ['an account that is not there', () => move(alice, '00000000-0000-4000-8000-000000000000', 1), 'BL003'],
    ['another asset than the account’s', () => move(alice, bob, 1).map(line => ({ ...line, asset: 'BTC' })), 'BL003'],
    ['a line of no journal', () => [...move(alice, bob, 1), { account: bob, amount: 1, journal: 9 }], 'BL002'],
    ['a line of nothing', () => [...move(alice, bob, 1), { account: bob, amount: 0 }], '23514'],
    ['the same line twice', () => move(alice, bob, 1).map(line => ({ ...line, line: 1 })), '23505'],
  ] as [string, () => RawLine[], string][])('%s is refused', async (name, lines, code) => {
    const error = await asApp(tx => rawPost(tx, [name], lines())).catch(failure => failure.cause ?? failure)
    expect((error as { code: string }).code).toBe(code)
    expect(await books.balances(alice, bob)).toEqual([1_000n, 0n])
  })

  test.each([
    [
      'a line of no account',
      () => [alice, bob],
      () => [...move(alice, bob, 1), { account: 'nobody', amount: 1 }],
      'BL002',
    ],
    [
      'accounts that are too many',
      () => [alice, bob, '00000000-0000-4000-8000-000000000000'],
      () => move(alice, bob, 1),
      'BL003',
    ],
  ] as const)('%s: refused', async (name, accounts, lines, code) => {
    const error = await asApp(tx => rawPost(tx, [name], lines(), { accounts: accounts() })).catch(
      failure => failure.cause ?? failure,
    )
    expect((error as { code: string }).code).toBe(code)
    expect(await books.balances(alice, bob)).toEqual([1_000n, 0n])
  })

  test('an account that comes twice is still one account, whose versions are unique', async () => {
    const twice = sql`SELECT ledger_post(${[books.ids.next()]}, ${['twice']}, ${['attack']}, ${['ab'.repeat(32)]}, ${[NOON]},
      ${[null]}, ${[null]}, ${[null]}, ${[null]}, ${[alice, bob, alice, bob]}, '{1,1,1,1}', '{1,2,3,4}', '{1,2,3,4}',
      '{USD,USD,USD,USD}', '{-10,10,-10,10}')`
    const error = await asApp(tx => twice.execute(tx)).catch(failure => failure.cause ?? failure)
    expect((error as { code: string }).code).toBe('23505')
    expect(await books.balances(alice, bob)).toEqual([1_000n, 0n])
  })

  test('no line is added to a journal that is there, by its id or its key', async () => {
    const { id } = await books.post('real', [
      [alice, -10],
      [bob, 10],
    ])
    const [hash] = await fresh.asOwner<{ hash: string }>(
      `SELECT encode(input_hash, 'hex') AS hash FROM ledger_journal WHERE id = $1`,
      [id],
    )
    const more = move(alice, bob, 5).map((line, i) => ({ ...line, line: i + 3 }))
    const { rows } = (await asApp(tx => rawPost(tx, ['real'], more, { ids: [id], hash: hash!.hash }))) as never as {
      rows: { fresh: boolean }[]
    }
    expect(rows.map(row => row.fresh)).toEqual([false])
    await expect(asApp(tx => rawPost(tx, ['other key'], more, { ids: [id] }))).rejects.toThrow(/its id is taken/)
    await expect(asApp(tx => rawPost(tx, ['x', 'y'], more, { ids: [books.tenant, books.tenant] }))).rejects.toThrow(
      /its own id/,
    )
    expect(await books.balances(alice, bob)).toEqual([990n, 10n])
    await books.post('back', [
      [bob, -10],
      [alice, 10],
    ])
  })

  test('funds of clients and of the house meet in a clearing account only', async () => {
    const income = await books.open('house_fees', 'trading')
    const equity = await books.open('house_equity', 'capital')
    for (const house of [income, equity])
      expect(
        await codeOf(
          books.post(`mix/${house}`, [
            [alice, -5],
            [house, 5],
          ]),
        ),
      ).toBe('ledger.funds_mixed')
    const through = [
      [alice, -5],
      [fees, 5],
      [fees, -5],
      [income, 5],
    ] as const
    expect(await codeOf(books.post('mix/through', through))).toBe('ledger.funds_mixed')
    await books.post('fee', [
      [alice, -5],
      [fees, 5],
    ])
    await books.post('sweep', [
      [fees, -5],
      [income, 5],
    ])
    expect(await books.balances(fees, income)).toEqual([0n, 5n])
    await books.deposit(alice, 5)
  })

  test('the balance itself has a check, beneath the posting function', async () => {
    const below = fresh.asOwner('UPDATE ledger_account SET balance = -1 WHERE id = $1', [alice])
    await expect(below).rejects.toThrow(/ledger_account_minimum/)
  })

  test('only clearing and outside accounts may fall below zero, and an account’s kind has its shard', async () => {
    for (const kind of ['client_wallet', 'client_held', 'house_fees', 'house_equity'] as const)
      for (const minimum of [-1n, null, 5n])
        expect(await codeOf(books.open(kind, 'credit', 'USD', { minimum }))).toBe('request.invalid')
    expect(await codeOf(books.open('client_wallet', 'x', 'USD', { shard: 'main' }))).toBe('request.invalid')
    expect(await codeOf(books.open('client_trading', 'x', 'USD', { shard: undefined }))).toBe('request.invalid')
    expect(await codeOf(books.open('client_wallet', 'x', 'DOGE'))).toBe('request.invalid')
    const bounded = await books.open('clearing', 'rebates', 'USD', { minimum: -7n })
    await books.post('rebate', [
      [bounded, -7],
      [bob, 7],
    ])
    expect(
      await codeOf(
        books.post('rebate 2', [
          [bounded, -1],
          [bob, 1],
        ]),
      ),
    ).toBe('ledger.insufficient_funds')
    await books.post('rebate back', [
      [bob, -7],
      [bounded, 7],
    ])
  })

  test('of each kind, owner, asset and shard there is one account', async () => {
    expect(await books.open('client_wallet', 'alice')).toBe(alice)
    const main = await books.open('client_trading', 'alice', 'USD', { shard: 'main' })
    const other = await books.open('client_trading', 'alice', 'USD', { shard: 'other' })
    expect(new Set([alice, main, other]).size).toBe(3)
    const many = await Promise.all(Array.from({ length: 10 }, () => books.open('client_wallet', 'crowd')))
    expect(new Set(many).size).toBe(1)
  })
})

describe('between tenants', () => {
  test('SC-52 SC-57: nobody posts to, sees or locks the accounts of another tenant', async () => {
    const other = await newBooks(fresh, 'theirs')
    const theirs = await other.open('client_wallet', 'alice')
    await other.deposit(theirs, 700)
    const mine = [await books.open('client_wallet', 'mallory')] as const
    for (const lines of [move(theirs, mine[0], 5), move(alice, theirs, 5)])
      await expect(asApp(tx => rawPost(tx, ['cross'], lines))).rejects.toThrow(/no such account/)
    for (const table of TABLES) {
      const { rows } = await asApp(tx => sql`SELECT tenant_id FROM ${sql.table(table)}`.execute(tx)).then(
        result => result as { rows: { tenant_id: string }[] },
      )
      expect([...new Set(rows.map(row => row.tenant_id))].filter(id => id !== books.tenant)).toEqual([])
    }
    expect(await other.balances(theirs)).toEqual([700n])
    const forged = sql`INSERT INTO ledger_account (tenant_id, id, asset, kind, owner)
      VALUES (${other.tenant}, ${books.ids.next()}, 'USD', 'client_wallet', 'forged')`
    await expect(asApp(tx => forged.execute(tx))).rejects.toThrow(/row-level security/)
  })

  test('the same key and the same names in two tenants know nothing of each other', async () => {
    const other = await newBooks(fresh, 'twin')
    const [carol, dave] = [await other.open('client_wallet', 'alice'), await other.open('client_wallet', 'bob')]
    await other.deposit(carol, 10)
    expect(
      (
        await other.post('real', [
          [carol, -1],
          [dave, 1],
        ])
      ).outcome,
    ).toBe('posted')
  })

  test('a transaction of no tenant posts nothing', async () => {
    const call = `BEGIN; SET LOCAL ROLE bourse_app; SELECT ledger_lock('{}'); COMMIT`
    await expect(fresh.asOwner(call)).rejects.toThrow(/belongs to no tenant/)
  })
})
