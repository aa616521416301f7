import { beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import type { AccountId } from './account.ts'
import { inputHash } from './journal.ts'
import { post, postEach } from './posting.ts'
import { codeOf, linesOf, NOON, newBooks, type ShortLine } from './testing.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase({ connectionsMax: 8 })
})

const linesTo = (from: AccountId, to: AccountId, amount: number): ShortLine[] => [
  [from, -amount],
  [to, amount],
]
const [A, B] = ['a', 'b'] as AccountId[] as [AccountId, AccountId]

/** Two clients with 100.00 and 0.00 USD, and where fees go. */
async function twoClients(seed: string) {
  const books = await newBooks(fresh, seed)
  const alice = await books.open('client_wallet', 'alice')
  const bob = await books.open('client_wallet', 'bob')
  const fees = await books.open('clearing', 'fees')
  await books.deposit(alice, 10_000)
  return { books, alice, bob, fees }
}

test('a journal moves every account by its lines, with running balances and versions', async () => {
  const { books, alice, bob, fees } = await twoClients('moves')
  const { id } = await books.post('t1', [
    [alice, -2_500],
    [bob, 2_000],
    [bob, 400],
    [fees, 100],
  ])
  expect(await books.balances(alice, bob, fees)).toEqual([7_500n, 2_400n, 100n])
  const entries = await fresh.asOwner(
    `SELECT line, account_id, amount, balance_after, account_version::int, at::text FROM ledger_entry WHERE journal_id = $1 ORDER BY line`,
    [id],
  )
  const entry = (line: number, account: string, amount: string, balance: string, version: number) => ({
    line,
    account_id: account,
    amount,
    balance_after: balance,
    account_version: version,
    at: String(NOON),
  })
  expect(entries).toEqual([
    entry(1, alice, '-2500', '7500', 2),
    entry(2, bob, '2000', '2000', 1),
    entry(3, bob, '400', '2400', 2),
    entry(4, fees, '100', '100', 1),
  ])
})

test('one journal may move several assets, each balanced by itself; amounts have up to 38 digits', async () => {
  const books = await newBooks(fresh, 'assets')
  const whole = 10n ** 37n
  const [usd, eth] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob', 'ETH')]
  const [outUsd, outEth] = [await books.open('outside', 'bank'), await books.open('outside', 'chain', 'ETH')]
  await books.post('swap', [
    [outUsd, -1],
    [usd, 1],
    [outEth, -whole, 'ETH'],
    [eth, whole, 'ETH'],
  ])
  expect(await books.balances(usd, eth, outUsd, outEth)).toEqual([1n, whole, -1n, -whole])
  const mixed = books.post('crossed', [
    [usd, -1],
    [eth, 1, 'ETH'],
  ])
  await expect(mixed).rejects.toMatchObject({ code: 'ledger.unbalanced' })
  const tooMuch = books.post('overflow', [
    [outEth, -9n * whole, 'ETH'],
    [eth, 9n * whole, 'ETH'],
  ])
  expect(await codeOf(tooMuch)).toBe('request.invalid')
  expect(await books.balances(usd, eth)).toEqual([1n, whole])
})

test('the same key with the same contents is posted once and answers as before, whatever the time', async () => {
  const { books, alice, bob } = await twoClients('repeat')
  const first = await books.post('t1', [
    [alice, -100],
    [bob, 100],
  ])
  const again = await books.post(
    't1',
    [
      [alice, -100],
      [bob, 100],
    ],
    { at: NOON + 5 },
  )
  expect([first.outcome, again.outcome, again.id]).toEqual(['posted', 'repeated', first.id])
  expect(await books.balances(alice, bob)).toEqual([9_900n, 100n])
})

test.each([
  ['another amount', { lines: [-101, 101] }],
  ['another kind', { kind: 'other' }],
  ['another cause', { cause: 'event/2' }],
] as [string, { lines?: number[]; kind?: string; cause?: string }][])(
  'the same key with %s is refused, and nothing moves',
  async (_, { lines = [-100, 100], ...more }) => {
    const { books, alice, bob } = await twoClients('conflict')
    const send = (amounts: readonly number[], rest = {}) =>
      books.post(
        't1',
        [
          [alice, amounts[0]!],
          [bob, amounts[1]!],
        ],
        rest,
      )
    await send([-100, 100])
    await expect(send(lines, more)).rejects.toMatchObject({ code: 'ledger.key_conflict', details: { key: 't1' } })
    expect(await books.balances(alice, bob)).toEqual([9_900n, 100n])
  },
)

test('a key twice in one batch counts once', async () => {
  const { books, alice, bob } = await twoClients('twice')
  const journal = books.journal('t1', [
    [alice, -100],
    [bob, 100],
  ])
  const outcomes = await fresh.db.tenant(books.tenant, tx => post(tx, [journal, journal], books.ids))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['posted', 'repeated'])
  expect(outcomes[0]!.id).toBe(outcomes[1]!.id)
  expect(await books.balances(alice, bob)).toEqual([9_900n, 100n])
})

test('the same batches from eight writers at once are posted once', async () => {
  const { books, alice, bob, fees } = await twoClients('writers')
  const batches = Array.from({ length: 10 }, (_, b) =>
    Array.from({ length: 5 }, (_, i) =>
      books.journal(`t/${b}/${i}`, [
        [alice, -20],
        [bob, 19],
        [fees, 1],
      ]),
    ),
  )
  const writer = async () => {
    const outcomes: string[] = []
    for (const batch of batches)
      for (const outcome of await postEach(fresh.db, books.tenant, batch, books.ids)) outcomes.push(outcome.outcome)
    return outcomes
  }
  const all = (await Promise.all(Array.from({ length: 8 }, writer))).flat()
  expect(all.filter(outcome => outcome === 'posted')).toHaveLength(50)
  expect(all.filter(outcome => outcome === 'repeated')).toHaveLength(350)
  expect(await books.balances(alice, bob, fees)).toEqual([9_000n, 950n, 50n])
})

test('writers that cross each other’s accounts neither block nor lose anything', async () => {
  const { books, alice, bob } = await twoClients('crossing')
  await books.deposit(bob, 10_000)
  const send = (name: string, from: typeof alice, to: typeof alice) =>
    Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        books.post(`${name}/${i}`, [
          [from, -7],
          [to, 7],
        ]),
      ),
    )
  await Promise.all([send('there', alice, bob), send('back', bob, alice)])
  expect(await books.balances(alice, bob)).toEqual([10_000n, 10_000n])
})

test('a bad journal in a batch is refused alone, and those around it are posted as if one after another', async () => {
  const { books, alice, bob, fees } = await twoClients('bad')
  const house = await books.open('house_fees', 'fees')
  const pay = (key: string, amount: number) =>
    books.journal(key, [
      [alice, -amount],
      [bob, amount],
    ])
  const batch = [
    pay('a', 6_000),
    pay('b', 6_000), // only 4,000 are left
    pay('c', 1_000),
    books.journal('d', [
      [alice, -1],
      [house, 1],
    ]),
    books.journal('e', [
      [alice, -1],
      [bob, 2],
    ]),
    pay('a', 1), // the key of the first
    books.journal('f', [
      [bob, -7_000],
      [fees, 7_000],
    ]),
    pay('g', 3_000),
  ]
  const outcomes = await postEach(fresh.db, books.tenant, batch, books.ids)
  const told = outcomes.map(one => (one.outcome === 'refused' ? one.error.code : one.outcome))
  expect(told).toEqual([
    'posted',
    'ledger.insufficient_funds',
    'posted',
    'ledger.funds_mixed',
    'ledger.unbalanced',
    'ledger.key_conflict',
    'posted',
    'posted',
  ])
  expect(await books.balances(alice, bob, fees)).toEqual([0n, 3_000n, 7_000n])
})

test('a balance that would be made good later in the batch does not count', async () => {
  const { books, alice, bob } = await twoClients('later')
  const batch = [
    books.journal('spend', [
      [bob, -50],
      [alice, 50],
    ]),
    books.journal('fund', [
      [alice, -50],
      [bob, 50],
    ]),
  ]
  const outcomes = await postEach(fresh.db, books.tenant, batch, books.ids)
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'posted'])
})

test('a batch that fails within a transaction takes the whole transaction with it', async () => {
  const { books, alice, bob } = await twoClients('whole')
  const both = fresh.db.tenant(books.tenant, async tx => {
    await post(tx, [books.journal('good', linesTo(alice, bob, 10))], books.ids)
    await post(tx, [books.journal('bad', linesTo(alice, bob, 10_000))], books.ids)
  })
  await expect(both).rejects.toMatchObject({ code: 'ledger.insufficient_funds', details: { account: alice } })
  expect(await books.balances(alice, bob)).toEqual([10_000n, 0n])
})

test('time never goes back on an account: a journal from the past is booked at the last one', async () => {
  const { books, alice, bob } = await twoClients('past')
  const times = async (key: string, time: number) => {
    const { id } = await books.post(key, linesTo(alice, bob, 1), { at: time })
    const rows = await fresh.asOwner<{ asked: string; booked: string }>(
      `SELECT DISTINCT j.at AS asked, e.at AS booked FROM ledger_journal j
       JOIN ledger_entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id WHERE j.id = $1`,
      [id],
    )
    return rows.map(({ asked, booked }) => [Number(asked) - NOON, Number(booked) - NOON])
  }
  expect(await times('a', NOON + 100)).toEqual([[100, 100]])
  expect(await times('b', NOON + 40)).toEqual([[40, 100]])
  expect(await times('c', NOON + 101)).toEqual([[101, 101]])
})

test.each([
  ['no key', { key: '' }],
  ['a key too long', { key: 'k'.repeat(201) }],
  ['a key with a line break', { key: 'a\nb' }],
  ['a kind with spaces', { kind: 'no kind' }],
  ['a time that is none', { at: Number.NaN }],
  ['one line', { lines: [] }],
  [
    'a line of nothing',
    {
      lines: linesOf([
        [A, 0],
        [B, 0],
      ]),
    },
  ],
  [
    '39 digits',
    {
      lines: linesOf([
        [A, 10n ** 38n],
        [B, -(10n ** 38n)],
      ]),
    },
  ],
])('%s is refused before the database is asked', async (_, more) => {
  const { books, alice, bob } = await twoClients('faults')
  expect(await codeOf(books.post('k', linesTo(alice, bob, 1), more))).toBe('request.invalid')
})

test('the hash of the contents is over kind, cause, reversal, hold and lines in their order', () => {
  const journal = {
    key: 'k',
    kind: 'trade',
    at: 1,
    lines: linesOf([
      [A, -5],
      [B, 5, 'USD'],
    ]),
  }
  // Computed apart: printf '["trade",null,null,null,[["a","USD","-5"],["b","USD","5"]]]' | sha256sum
  expect(inputHash(journal)).toBe('f2209a28ba32416672633eaef0babcf80c7bfba171dd120165889673b6cbb1b6')
})
