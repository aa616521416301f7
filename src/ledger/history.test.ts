import { beforeAll, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import type { AccountId } from './account.ts'
import { csvOf, statementCsv } from './csv.ts'
import { balanceAt, entriesOf, journalOf, journalsOf, reverse, statementOf, trialBalance } from './history.ts'
import { placeHold } from './holds.ts'
import { post } from './posting.ts'
import { type Books, codeOf, NOON, newBooks } from './testing.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})
const SECOND = 1_000_000

/** Payments of 1.00, 2.00, … to Bob, one a second from a second after noon on, of which every second one is doubled by a line more. */
async function payments(count: number) {
  const books = await newBooks(fresh, 'history')
  const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
  await books.deposit(alice, 1_000_000)
  for (let i = 1; i <= count; i++) {
    const more =
      i % 2 === 0
        ? ([
            [alice, -100 * i],
            [bob, 100 * i],
          ] as const)
        : []
    const at = NOON + i * SECOND
    await books.post(`p${i}`, [[alice, -100 * i], [bob, 100 * i], ...more], {
      at,
      cause: `order/${i % 3}`,
      kind: 'payment',
    })
  }
  const reading = <T>(run: Parameters<typeof fresh.db.tenant<T>>[1]) =>
    fresh.db.tenant(books.tenant, run, { readOnly: true })
  return { books, alice, bob, reading }
}

describe('the balance as of a time', () => {
  test('is that after the last entry up to then', async () => {
    const { bob, reading } = await payments(5)
    // 1, 2 + 2, 3, 4 + 4, 5: 1, 5, 8, 16, 21 whole units.
    const due = [0, 1, 5, 8, 16, 21, 21].map(whole => BigInt(whole) * 100n)
    const versions = [0, 1, 3, 4, 6, 7, 7]
    for (const [i, balance] of due.entries())
      for (const at of [NOON + i * SECOND, NOON + i * SECOND + 999_999])
        expect([i, await reading(tx => balanceAt(tx, bob, at))]).toEqual([i, { balance, version: versions[i] }])
    expect(await reading(tx => balanceAt(tx, bob, 0))).toEqual({ balance: 0n, version: 0 })
  })
})

describe('the trial balance', () => {
  test('has debits and credits by kind and asset, now and as of a time', async () => {
    const { books, alice, reading } = await payments(3)
    const fees = await books.open('clearing', 'fees')
    const eth = await books.open('client_wallet', 'alice', 'ETH')
    await books.deposit(eth, 5, 'ETH')
    await books.post(
      'fee',
      [
        [alice, -7],
        [fees, 7],
      ],
      { at: NOON + 10 * SECOND },
    )
    const row = (kind: string, asset: string, accounts: number, debit: bigint, credit: bigint) => ({
      kind,
      asset,
      scale: asset === 'ETH' ? 18 : 2,
      accounts,
      debit,
      credit,
    })
    expect(await reading(tx => trialBalance(tx))).toEqual([
      row('client_wallet', 'ETH', 1, 0n, 5n),
      row('outside', 'ETH', 1, 5n, 0n),
      row('clearing', 'USD', 1, 0n, 7n),
      row('client_wallet', 'USD', 2, 0n, 999_993n),
      row('outside', 'USD', 1, 1_000_000n, 0n),
    ])
    const then = await reading(tx => trialBalance(tx, NOON + SECOND))
    expect(then.filter(({ asset }) => asset === 'USD').map(({ kind, debit, credit }) => [kind, debit, credit])).toEqual(
      [
        ['clearing', 0n, 0n],
        ['client_wallet', 0n, 1_000_000n],
        ['outside', 1_000_000n, 0n],
      ],
    )
    expect((await reading(tx => trialBalance(tx, NOON - 1))).every(({ debit, credit }) => debit + credit === 0n)).toBe(
      true,
    )
  })
})

describe('a statement', () => {
  test('opens, moves and closes over its time, the end not included', async () => {
    const { bob, reading } = await payments(5)
    const { opening, closing, lines } = await reading(tx => statementOf(tx, bob, NOON + 2 * SECOND, NOON + 4 * SECOND))
    expect([opening, closing]).toEqual([100n, 800n])
    expect(lines.map(({ key, line, amount, balanceAfter }) => [key, line, amount, balanceAfter])).toEqual([
      ['p2', 2, 200n, 300n],
      ['p2', 4, 200n, 500n],
      ['p3', 2, 300n, 800n],
    ])
    const nothing = await reading(tx => statementOf(tx, bob, NOON + 9 * SECOND, NOON + 9 * SECOND))
    expect([nothing.opening, nothing.lines, nothing.closing]).toEqual([2_100n, [], 2_100n])
    expect(await codeOf(reading(tx => statementOf(tx, 'ffffffff-0000-4000-8000-000000000000', 0, 1)))).toBe(
      'ledger.account_unknown',
    )
  })

  test('is CSV by RFC 4180, and no spreadsheet calculates what is in it', async () => {
    const books = await newBooks(fresh, 'csv')
    const alice = await books.open('client_wallet', 'alice')
    const fees = await books.open('clearing', 'fees')
    await books.deposit(alice, 500)
    await books.post(
      '=HYPERLINK("x"),1',
      [
        [alice, -125],
        [fees, 125],
      ],
      { at: NOON + 1, cause: '@cause' },
    )
    const statement = await fresh.db.tenant(books.tenant, tx => statementOf(tx, alice, NOON + 1, NOON + 2))
    const journal = statement.lines[0]!.journal
    expect(statementCsv(statement)).toBe(
      [
        'time,kind,journal,key,cause,asset,amount,balance',
        '2025-11-21T04:40:00.000001Z,opening,,,,USD,,5.00',
        `2025-11-21T04:40:00.000001Z,test,${journal},"'=HYPERLINK(""x""),1",'@cause,USD,-1.25,3.75`,
        '2025-11-21T04:40:00.000002Z,closing,,,,USD,,3.75',
        '',
      ].join('\r\n'),
    )
    expect(csvOf([['-1.5', '-1+2', '+1', '\tx', 'a\nb']])).toBe(`-1.5,'-1+2,'+1,'\tx,"a\nb"\r\n`)
  })
})

describe('journals and entries', () => {
  test('pages give every one once, newest first', async () => {
    const { books, alice, bob, reading } = await payments(9)
    const keys = ['p9', 'p8', 'p7', 'p6', 'p5', 'p4', 'p3', 'p2', 'p1']
    const paged = async (filter: { account?: string; cause?: string }, limit: number) => {
      const seen: string[] = []
      for (let before: string | undefined; ; ) {
        const page = await reading(tx => journalsOf(tx, { ...filter, limit, ...(before ? { before } : {}) }))
        seen.push(...page.map(journal => journal.key))
        if (page.length < limit) return seen
        before = page.at(-1)!.id
      }
    }
    for (const limit of [1, 2, 4, 500]) {
      expect(await paged({}, limit)).toEqual([...keys, 'deposit/1'])
      expect(await paged({ account: bob }, limit)).toEqual(keys)
      expect(await paged({ account: alice }, limit)).toEqual([...keys, 'deposit/1'])
      expect(await paged({ cause: 'order/2' }, limit)).toEqual(['p8', 'p5', 'p2'])
      expect(await paged({ account: bob, cause: 'order/0' }, limit)).toEqual(['p9', 'p6', 'p3'])
    }
    const versions: number[] = []
    for (let before: number | undefined; ; before = versions.at(-1)!) {
      const page = await reading(tx => entriesOf(tx, bob, { limit: 4, ...(before ? { before } : {}) }))
      versions.push(...page.map(entry => entry.version))
      if (page.length < 4) break
    }
    expect(versions).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(await codeOf(reading(tx => journalOf(tx, books.tenant)))).toBe('ledger.journal_unknown')
  })
})

describe('a reversal', () => {
  const reversing = (books: Books, id: string, key: string) =>
    fresh.db.tenant(books.tenant, tx => reverse(tx, id, { key, at: NOON + 5 }, books.ids))

  test('undoes a journal, once, and each tells of the other', async () => {
    const books = await newBooks(fresh, 'reversal')
    const [alice, fees] = [await books.open('client_wallet', 'alice'), await books.open('clearing', 'fees')]
    await books.deposit(alice, 500)
    const { id } = await books.post('wrong', [
      [alice, -125],
      [fees, 125],
    ])
    const undone = await reversing(books, id, 'undo')
    expect(await books.balances(alice, fees)).toEqual([500n, 0n])
    expect((await reversing(books, id, 'undo')).outcome).toBe('repeated')
    expect(await codeOf(reversing(books, id, 'undo again'))).toBe('ledger.not_reversible')
    expect(await codeOf(reversing(books, undone.id, 'undo the undoing'))).toBe('ledger.not_reversible')
    expect(await codeOf(reversing(books, books.tenant, 'nothing'))).toBe('ledger.journal_unknown')
    expect(await books.balances(alice, fees)).toEqual([500n, 0n])
    const told = await fresh.db.tenant(books.tenant, async tx => [
      (await journalOf(tx, id)).journal.reversedBy,
      (await journalOf(tx, undone.id)).journal.reverses,
    ])
    expect(told).toEqual([undone.id, id])
  })

  test('moves what the journal moved, and nothing else', async () => {
    const books = await newBooks(fresh, 'forged reversal')
    const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
    await books.deposit(alice, 500)
    const { id } = await books.post('paid', [
      [alice, -125],
      [bob, 125],
    ])
    const forged = (lines: readonly (readonly [AccountId, number])[]) =>
      codeOf(books.post('forged', lines, { reverses: id }))
    expect(
      await forged([
        [alice, 124],
        [bob, -124],
      ]),
    ).toBe('ledger.not_reversible')
    expect(
      await forged([
        [alice, 125],
        [bob, -125],
        [alice, -1],
        [bob, 1],
      ]),
    ).toBe('ledger.not_reversible')
    await books.post('spent', [
      [bob, -100],
      [alice, 100],
    ])
    expect(await codeOf(reversing(books, id, 'undo'))).toBe('ledger.insufficient_funds')
  })

  test('of a hold is none: it is voided', async () => {
    const books = await newBooks(fresh, 'held reversal')
    const [alice, held] = [await books.open('client_wallet', 'alice'), await books.open('client_held', 'alice')]
    await books.deposit(alice, 500)
    const wish = { key: 'place', at: NOON, account: alice, held, asset: 'USD', amount: 100n, expiresAt: null }
    const { id } = await fresh.db.tenant(books.tenant, tx => placeHold(tx, wish, books.ids))
    expect(await codeOf(reversing(books, id, 'undo'))).toBe('ledger.not_reversible')
    expect(await books.balances(alice, held)).toEqual([400n, 100n])
  })

  test('is not left out of a batch that repeats another one', async () => {
    const books = await newBooks(fresh, 'batch reversal')
    const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
    await books.deposit(alice, 500)
    const paid = books.journal('paid', [
      [alice, -125],
      [bob, 125],
    ])
    const { id } = await books.post('paid', [
      [alice, -125],
      [bob, 125],
    ])
    const back = books.journal(
      'back',
      [
        [alice, 125],
        [bob, -125],
      ],
      { kind: 'reversal', reverses: id },
    )
    const outcomes = await fresh.db.tenant(books.tenant, tx => post(tx, [paid, back, paid], books.ids))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['repeated', 'posted', 'repeated'])
  })
})
