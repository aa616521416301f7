import { createHash } from 'node:crypto'
import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import { placeHold } from './holds.ts'
import { sealJournals } from './seal.ts'
import { type Books, NOON, newBooks } from './testing.ts'
import { verify } from './verify.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

/** Transactions of other tests, in other databases of the server, hold sealing up while they run. */
const settled = ({ tenant }: Books) =>
  eventually(async () => {
    const [row] = await fresh.asOwner<{ settled: boolean }>(
      `SELECT coalesce(max(xid::text::numeric), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::numeric AS settled
       FROM ledger_journal WHERE tenant_id = $1`,
      [tenant],
    )
    return row!.settled
  })

async function sealAll(books: Books, count: number): Promise<void> {
  await settled(books)
  expect(await sealJournals(fresh.db, books.tenant, NOON)).toBe(count)
}

/** Five journals of which the first four are sealed in two seals, a hold among them. */
async function sealedBooks() {
  const books = await newBooks(fresh, 'sealed')
  const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
  const [held, house] = [await books.open('client_held', 'alice'), await books.open('house_fees', 'fees')]
  await books.deposit(alice, 10_000)
  const paid = (
    await books.post(
      'paid',
      [
        [alice, -100],
        [bob, 100],
      ],
      { cause: 'order/1' },
    )
  ).id
  await sealAll(books, 2)
  await books.post('paid 2', [
    [alice, -50],
    [bob, 50],
  ])
  const wish = { key: 'hold', at: NOON, account: alice, held, asset: 'USD', amount: 500n, expiresAt: null }
  await fresh.db.tenant(books.tenant, tx => placeHold(tx, wish, books.ids))
  await sealAll(books, 2)
  await books.post('paid 3', [
    [alice, -25],
    [bob, 25],
  ])
  return { books, alice, bob, held, house, paid }
}
type Sealed = Awaited<ReturnType<typeof sealedBooks>>

/** As the owner of the database, with every trigger and check out of the way, in one connection. */
async function tamper(statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: fresh.ownerUrl })
  await client.connect()
  try {
    await client.query(`SET session_replication_role = replica`)
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
const withoutCheck = (constraint: string, statement: string) => [
  `ALTER TABLE ledger_account DROP CONSTRAINT ${constraint}`,
  statement,
  `ALTER TABLE ledger_account ADD CONSTRAINT ${constraint} CHECK (balance >= minimum) NOT VALID`,
]

const checked = ({ tenant }: Books) => verify(fresh.db, tenant)

test('sound books are found sound, sealed or not', async () => {
  const { books } = await sealedBooks()
  expect(await checked(books)).toEqual({
    isSound: true,
    faults: [],
    accounts: 5,
    journals: 5,
    entries: 10,
    holds: 1,
    seals: 2,
    unsealed: 1,
  })
  expect(await verify(fresh.db, (await newBooks(fresh, 'empty')).tenant)).toMatchObject({ isSound: true, journals: 0 })
})

describe('tampering is found', () => {
  const cases: [string, (it: Sealed) => string[], string[]][] = [
    [
      'a balance that was raised',
      ({ bob }) => [`UPDATE ledger_account SET balance = balance + 1 WHERE id = '${bob}'`],
      ['account bob: holds what its entries add up to, 175, not 176'],
    ],
    [
      'a version that was raised',
      ({ bob }) => [`UPDATE ledger_account SET version = 9 WHERE id = '${bob}'`],
      ['account bob: has as many versions as entries, 3, not 9'],
    ],
    [
      'an amount that was changed in a journal without a seal',
      ({ bob }) => [`UPDATE ledger_entry SET amount = 26 WHERE account_id = '${bob}' AND account_version = 3`],
      [
        'journal paid 3: adds up to zero in USD, not 1',
        'account bob: comes to 176 at version 3, not 175',
        'account bob: holds what its entries add up to, 176, not 175',
      ],
    ],
    [
      'a whole journal that was changed and made to fit, under a seal',
      ({ alice, bob, paid }) => [
        `UPDATE ledger_entry SET amount = sign(amount) * 90 WHERE journal_id = '${paid}'`,
        `UPDATE ledger_entry SET balance_after = balance_after + 10 WHERE account_id = '${alice}' AND account_version >= 2`,
        `UPDATE ledger_entry SET balance_after = balance_after - 10 WHERE account_id = '${bob}'`,
        `UPDATE ledger_account SET balance = balance + 10 WHERE id = '${alice}'`,
        `UPDATE ledger_account SET balance = balance - 10 WHERE id = '${bob}'`,
      ],
      ['seal 1: has the hash of its journals', 'seal 2: has the hash of its journals'], // the balances after it moved too
    ],
    [
      'the cause of a journal that was changed',
      ({ paid }) => [`UPDATE ledger_journal SET cause = 'order/2' WHERE id = '${paid}'`],
      ['seal 1: has the hash of its journals'],
    ],
    [
      'a journal that was taken out with its lines',
      ({ books, bob, alice }) => [
        `DELETE FROM ledger_entry WHERE tenant_id = '${books.tenant}' AND journal_id =
          (SELECT id FROM ledger_journal WHERE key = 'paid 3' AND tenant_id = '${books.tenant}')`,
        `DELETE FROM ledger_journal WHERE key = 'paid 2' AND tenant_id = '${books.tenant}'`,
        `UPDATE ledger_account SET balance = balance + 25, version = version - 1 WHERE id = '${alice}'`,
        `UPDATE ledger_account SET balance = balance - 25, version = version - 1 WHERE id = '${bob}'`,
      ],
      [
        'seal 2: covers 2 journals; there are 1',
        'seal 2: has the hash of its journals',
        'journal paid 3: has lines',
        'journal all: lines of journals (6) are the entries of accounts (8)',
      ],
    ],
    [
      'an entry that was taken out of the middle',
      ({ bob }) => [`DELETE FROM ledger_entry WHERE account_id = '${bob}' AND account_version = 2`],
      [
        'journal paid 2: adds up to zero in USD, not -50',
        'seal 2: has the hash of its journals',
        'account bob: has version 2 before 3',
        'account bob: comes to 125 at version 3, not 175',
        'account bob: holds what its entries add up to, 125, not 175',
      ],
    ],
    [
      'a seal that was written anew after a change',
      ({ books, paid }) => [
        `UPDATE ledger_journal SET cause = 'order/2' WHERE id = '${paid}'`,
        `UPDATE ledger_seal SET hash = decode(repeat('ab', 32), 'hex') WHERE sequence = 1 AND tenant_id = '${books.tenant}'`,
      ],
      ['seal 1: has the hash of its journals', 'seal 2: carries the hash of the seal before it'],
    ],
    [
      'a seal that was taken out',
      ({ books }) => [`DELETE FROM ledger_seal WHERE sequence = 1 AND tenant_id = '${books.tenant}'`],
      [
        'seal 2: follows the seal before it',
        'seal 2: carries the hash of the seal before it',
        'seal 2: covers 2 journals; there are 4',
        'seal 2: has the hash of its journals',
      ],
    ],
    [
      'funds of a client in a house account',
      ({ house, bob }) => [`UPDATE ledger_account SET kind = 'house_equity' WHERE id IN ('${house}', '${bob}')`],
      [1, 2, 3].map(n => `journal paid${n === 1 ? '' : ` ${n}`}: has funds of clients or of the house, not both`),
    ],
    [
      'another asset',
      ({ bob }) => [`UPDATE ledger_account SET asset = 'BTC' WHERE id = '${bob}'`],
      [1, 2, 3].map(n => `journal paid${n === 1 ? '' : ` ${n}`}: has a line in the asset of its account bob`),
    ],
    [
      'a balance below its minimum',
      ({ books, bob }) =>
        withoutCheck(
          'ledger_account_minimum',
          `UPDATE ledger_account SET balance = -1 WHERE id = '${bob}' AND tenant_id = '${books.tenant}'`,
        ),
      ['account bob: holds what its entries add up to, 175, not -1', 'account bob: holds at least 0'],
    ],
    [
      'a time that goes back',
      ({ bob }) => [`UPDATE ledger_entry SET at = at - 1 WHERE account_id = '${bob}' AND account_version = 3`],
      ['account bob: goes on in time at version 3'],
    ],
    [
      'a hold that holds less than its account',
      ({ books }) => [`UPDATE ledger_hold SET remaining = 499 WHERE tenant_id = '${books.tenant}'`],
      ['hold held: holds 500; what remains of its holds is 499'],
    ],
  ]
  test.each(cases)('%s', async (_, statements, due) => {
    const it = await sealedBooks()
    const keys = await fresh.asOwner<{ id: string; key: string }>(
      'SELECT id, key FROM ledger_journal WHERE tenant_id = $1',
      [it.books.tenant],
    )
    const names = new Map([
      ...keys.map(({ id, key }) => [id, key] as const),
      [it.bob, 'bob'],
      [it.held, 'held'],
      [it.alice, 'alice'],
    ])
    await tamper(statements(it))
    const { isSound, faults } = await checked(it.books)
    const named = (text: string) => [...names].reduce((all, [id, name]) => all.replaceAll(id, name), text)
    expect([isSound, faults.map(({ kind, id, rule }) => named(`${kind} ${id}: ${rule}`))]).toEqual([false, due])
  })
})

describe('sealing', () => {
  test('the hash is SHA-256 over the sequence, the hash before and the journals as JSON, one a line', async () => {
    const { books } = await sealedBooks()
    // Put together by PostgreSQL alone.
    const seals = await fresh.asOwner<{ hash: Buffer; previous_hash: Buffer; text: string }>(
      `SELECT s.hash, s.previous_hash, s.sequence || E'\\n' AS text FROM ledger_seal s WHERE tenant_id = $1 ORDER BY sequence`,
      [books.tenant],
    )
    const journals = await fresh.asOwner<{ text: string }>(
      `SELECT replace(json_build_array(j.id, j.xid::text, j.key, j.kind, encode(j.input_hash, 'hex'), j.at::text, j.cause, j.reverses,
         j.hold_id, (SELECT json_agg(json_build_array(e.line, e.account_id, e.asset, e.amount::text, e.balance_after::text,
           e.account_version::text, e.at::text) ORDER BY e.line) FROM ledger_entry e WHERE e.journal_id = j.id))::text, ', ', ',')
         || E'\\n' AS text
       FROM ledger_journal j WHERE tenant_id = $1 ORDER BY xid, id LIMIT 4`,
      [books.tenant],
    )
    let previous: Buffer = Buffer.alloc(32)
    for (const [i, seal] of seals.entries()) {
      const hash = createHash('sha256').update(seal.text).update(previous)
      for (const { text } of journals.slice(2 * i, 2 * i + 2)) hash.update(text)
      expect(seal.previous_hash.equals(previous)).toBe(true)
      previous = hash.digest()
      expect(seal.hash.toString('hex')).toBe(previous.toString('hex'))
    }
    expect(seals).toHaveLength(2)
  })

  test('a journal whose transaction began first and commits last is not passed over', async () => {
    const books = await newBooks(fresh, 'late')
    const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
    await books.deposit(alice, 100)
    await books.deposit(bob, 100)
    const outside = await books.open('outside', 'elsewhere')
    await sealAll(books, 2)
    const late = new Client({ connectionString: fresh.ownerUrl })
    await late.connect()
    try {
      // A transaction that has its number, and posts at its end.
      await late.query(`BEGIN; SELECT pg_current_xact_id(), set_config('app.tenant', '${books.tenant}', true)`)
      await books.post('early', [
        [outside, -5],
        [alice, 5],
      ])
      expect(await sealJournals(fresh.db, books.tenant, NOON)).toBe(0)
      await late.query(
        `SELECT ledger_post($1, '{late}', '{test}', $2, '{1}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', $3,
          '{1,1}', '{1,2}', '{1,2}', '{USD,USD}', '{-5,5}')`,
        [[books.ids.next()], ['ab'.repeat(32)], [outside, bob]],
      )
      await late.query('COMMIT')
    } finally {
      await late.end()
    }
    await sealAll(books, 2)
    expect(await checked(books)).toMatchObject({ isSound: true, unsealed: 0 })
  })

  test('two sealers at once seal every journal once', async () => {
    const { books } = await sealedBooks()
    await settled(books)
    const counts = await Promise.all([1, 2, 3].map(() => sealJournals(fresh.db, books.tenant, NOON)))
    expect(counts.sort()).toEqual([0, 0, 1])
    expect(await checked(books)).toMatchObject({ isSound: true, unsealed: 0, seals: 3 })
  })
})
