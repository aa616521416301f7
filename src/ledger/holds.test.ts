import { beforeAll, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../platform/testing.ts'
import type { AccountId } from './account.ts'
import { captureHold, holdOf, placeHold, sweepHolds, voidHold } from './holds.ts'
import type { JournalId } from './journal.ts'
import { type Books, codeOf, NOON, newBooks } from './testing.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

interface Held {
  books: Books
  alice: AccountId
  bob: AccountId
  held: AccountId
  hold: JournalId
  place(key: string, amount: bigint, expiresAt?: number | null): Promise<JournalId>
  capture(
    key: string,
    amount: bigint,
    more?: { at?: number; rest?: 'keep' | 'release'; hold?: JournalId },
  ): Promise<string>
  release(key: string, more?: { amount?: bigint; at?: number; hold?: JournalId }): Promise<string>
  balances(): Promise<bigint[]>
  remaining(): Promise<bigint>
}

/** Alice with 100.00, of which 60.00 are held until an hour after noon; captures go to Bob. */
async function held60(): Promise<Held> {
  const books = await newBooks(fresh, 'holds')
  const [alice, bob] = [await books.open('client_wallet', 'alice'), await books.open('client_wallet', 'bob')]
  const held = await books.open('client_held', 'alice')
  await books.deposit(alice, 10_000)
  const inTx = <T>(run: Parameters<typeof fresh.db.tenant<T>>[1]) => fresh.db.tenant(books.tenant, run)
  const wish = { account: alice, held, asset: 'USD' }
  const place: Held['place'] = async (key, amount, expiresAt = NOON + 3_600_000_000) =>
    (await inTx(tx => placeHold(tx, { ...wish, key, at: NOON, amount, expiresAt }, books.ids))).id
  const hold = await place('place', 6_000n)
  return {
    books,
    alice,
    bob,
    held,
    hold,
    place,
    capture: async (key, amount, { at = NOON, rest, hold: id = hold } = {}) =>
      codeOf(
        inTx(tx =>
          captureHold(tx, id, { key, at, to: [{ account: bob, amount }], ...(rest ? { rest } : {}) }, books.ids),
        ),
      ),
    release: async (key, { at = NOON, hold: id = hold, ...more } = {}) =>
      codeOf(inTx(tx => voidHold(tx, id, { key, at, ...more }, books.ids))),
    balances: () => books.balances(alice, held, bob),
    remaining: async () => (await inTx(tx => holdOf(tx, hold))).remaining,
  }
}

describe('a hold', () => {
  test('takes money away from its account and is a journal', async () => {
    const it = await held60()
    expect(await it.balances()).toEqual([4_000n, 6_000n, 0n])
    expect(await it.remaining()).toBe(6_000n)
    expect(await codeOf(it.place('more', 4_001n))).toBe('ledger.insufficient_funds')
    expect(await it.place('place', 6_000n)).toBe(it.hold) // the same again
    expect(await it.balances()).toEqual([4_000n, 6_000n, 0n])
  })

  test('is captured in parts, and no more than it holds', async () => {
    const it = await held60()
    expect(await it.capture('c1', 1_000n)).toBe('resolved')
    expect(await it.capture('c2', 5_001n)).toBe('ledger.hold_exceeded')
    expect(await it.capture('c2', 5_000n)).toBe('resolved')
    expect(await it.capture('c3', 1n)).toBe('ledger.hold_closed')
    expect(await it.balances()).toEqual([4_000n, 0n, 6_000n])
  })

  test('is captured in part and the rest released in one journal', async () => {
    const it = await held60()
    expect(await it.capture('c1', 2_500n, { rest: 'release' })).toBe('resolved')
    expect(await it.balances()).toEqual([7_500n, 0n, 2_500n])
    expect(await it.release('v1')).toBe('ledger.hold_closed')
  })

  test('is voided in part or whole', async () => {
    const it = await held60()
    expect(await it.release('v1', { amount: 500n })).toBe('resolved')
    expect(await it.balances()).toEqual([4_500n, 5_500n, 0n])
    expect(await it.release('v2')).toBe('resolved')
    expect(await it.balances()).toEqual([10_000n, 0n, 0n])
  })

  test.each(['capture', 'release'] as const)('answers a repeated %s as before, also after it is over', async name => {
    const it = await held60()
    const once = () => (name === 'capture' ? it.capture('k', 1_000n, { rest: 'release' }) : it.release('k'))
    expect(await once()).toBe('resolved')
    const before = await it.balances()
    expect(await once()).toBe('resolved')
    expect(await it.balances()).toEqual(before)
    expect(await it.capture('k', 999n)).toBe('ledger.key_conflict')
  })

  test('two captures at once that together are too much: one is refused', async () => {
    const it = await held60()
    const outcomes = await Promise.all([it.capture('c1', 4_000n), it.capture('c2', 4_000n)])
    expect(outcomes.sort()).toEqual(['ledger.hold_exceeded', 'resolved'])
    expect(await it.balances()).toEqual([4_000n, 2_000n, 4_000n])
  })

  test('ends in time: no capture from then on, and the sweep gives the money back', async () => {
    const it = await held60()
    const [end, other] = [NOON + 3_600_000_000, await it.place('other', 1_000n, null)]
    expect(await it.capture('early', 1_000n, { at: end - 1 })).toBe('resolved')
    expect(await it.capture('late', 1_000n, { at: end })).toBe('ledger.hold_closed')
    const sweep = (now: number) => sweepHolds(fresh.db, it.books.tenant, now, it.books.ids)
    expect(await sweep(end - 1)).toBe(0)
    expect(await it.balances()).toEqual([3_000n, 6_000n, 1_000n])
    expect(await sweep(end)).toBe(1)
    expect(await sweep(end + 1)).toBe(0)
    expect(await it.balances()).toEqual([8_000n, 1_000n, 1_000n])
    expect(await it.capture('other', 1_000n, { hold: other, at: end * 2 })).toBe('ledger.key_conflict')
    expect(await it.capture('the other', 1_000n, { hold: other, at: end * 2 })).toBe('resolved')
  })

  test('that does not exist is told', async () => {
    const it = await held60()
    expect(await it.release('v', { hold: it.books.tenant as string as JournalId })).toBe('ledger.hold_unknown')
  })
})

describe('held money', () => {
  test('moves with its hold only', async () => {
    const it = await held60()
    const { books, alice, bob, held } = it
    const other = await books.open('client_held', 'bob')
    const out = [
      [held, -1],
      [bob, 1],
    ] as const
    expect(await codeOf(books.post('loose', out))).toBe('ledger.hold_required')
    expect(
      await codeOf(
        books.post('loose in', [
          [alice, -1],
          [held, 1],
        ]),
      ),
    ).toBe('ledger.hold_required')
    expect(await codeOf(books.post('no such', out, { hold: { id: books.tenant as string as JournalId } }))).toBe(
      'ledger.hold_required',
    )
    expect(
      await codeOf(
        books.post(
          'other',
          [
            [held, -1],
            [other, 1],
          ],
          { hold: { id: it.hold } },
        ),
      ),
    ).toBe('ledger.hold_required')
    const until = { hold: { expiresAt: null } }
    expect(
      await codeOf(
        books.post(
          'another’s',
          [
            [alice, -1],
            [other, 1],
          ],
          until,
        ),
      ),
    ).toBe('ledger.hold_required')
    expect(
      await codeOf(
        books.post(
          'split',
          [
            [alice, -2],
            [held, 1],
            [bob, 1],
          ],
          until,
        ),
      ),
    ).toBe('ledger.hold_required')
    expect(
      await codeOf(
        books.post(
          'too much back',
          [
            [alice, -1],
            [held, 1],
          ],
          { hold: { id: it.hold } },
        ),
      ),
    ).toBe('ledger.hold_exceeded')
    expect(await it.balances()).toEqual([4_000n, 6_000n, 0n])
  })
})
