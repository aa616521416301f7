import { describe, expect, test } from 'vitest'
import { AppError } from '../../kernel/index.ts'
import { accountsOf, trialBalance } from '../../ledger/index.ts'
import { eventTypes, silentLog, systemClock, systemIds, systemTimers } from '../../platform/index.ts'
import { freshDatabase, freshTenant } from '../../platform/testing.ts'
import { exchangeEvents } from '../events.ts'
import { ABC_USD, beginTrading, giveMoney, limit, openExchange, SCALES } from '../fake.ts'
import { listMarket } from '../operating.ts'
import { TransferDesk } from '../transfers/desk.ts'
import { exchangePosting } from './posting.ts'
import { BooksReconciler } from './reconciler.ts'

/**
 * An exchange whose money is in the ledger: participants get it in their wallets, from outside. The first `failures`
 * transactions that post to the ledger are rolled back after all.
 */
async function world({ failures = 0 } = {}) {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const ids = systemIds()
  const [clock, timers] = [systemClock(), systemTimers()]
  let left = failures
  const write = exchangePosting({ ids, shard: 0 })
  const opened = openExchange(fresh, tenant, 'test', async (...posted) => {
    await write(...posted)
    if (left-- > 0) throw new AppError('database.unavailable')
  })
  const { exchange, shards } = opened
  await beginTrading(shards)
  const desk = new TransferDesk({
    tenant,
    db: fresh.db,
    types: eventTypes(exchangeEvents),
    exchange,
    shards,
    ids,
    clock,
    timers,
    log: silentLog,
  })
  const reconciler = new BooksReconciler({ tenant, shards, clock, timers, log: silentLog })
  const transfer = async (owner: string, direction: 'in' | 'out', asset: string, amount: string) => {
    const { id } = await desk.request(owner, { direction, asset, amount })
    await desk.finished(id)
    return desk.transfer(owner, id)
  }
  const give = (owner: string, asset: 'ABC' | 'USD', whole: number) =>
    giveMoney(fresh.db, tenant, ids, { owner, asset, whole, scale: asset === 'ABC' ? SCALES.base : SCALES.quote })
  return { fresh, tenant, exchange, shards, desk, reconciler, transfer, give }
}

describe('money between wallets, the exchange and the house', () => {
  test('moves in, is traded with, is charged fees, and moves out again; both sides agree all the way', async () => {
    const { fresh, tenant, exchange, shards, desk, reconciler, transfer, give } = await world()
    await give('alice', 'ABC', 10)
    await give('bob', 'USD', 1_000)
    expect(await transfer('alice', 'in', 'ABC', '10')).toMatchObject({ state: 'completed' })
    expect(await transfer('bob', 'in', 'USD', '900')).toMatchObject({ state: 'completed' })
    expect(await desk.wallet('bob')).toEqual([{ asset: 'USD', balance: '100.000000' }])

    await exchange.place('alice', limit('sell', '100.00', '5'))
    await exchange.place('bob', limit('buy', '100.00', '4'))
    // 400 dollars; 0.1 % for the maker, 0.2 % for the taker.
    expect(await reconciler.compareAll()).toMatchObject([{ differenceCount: 0, accounts: 4 }])
    expect(await transfer('bob', 'out', 'ABC', '4')).toMatchObject({ state: 'completed' })
    expect(await transfer('alice', 'out', 'USD', '399.6')).toMatchObject({ state: 'completed' })
    expect(await transfer('alice', 'out', 'ABC', '6')).toMatchObject({ state: 'failed', reason: 'insufficient_funds' })
    expect(await transfer('alice', 'out', 'ABC', '5')).toMatchObject({ state: 'completed' })
    expect(await desk.wallet('alice')).toEqual([
      { asset: 'ABC', balance: '5.00000000' },
      { asset: 'USD', balance: '399.600000' },
    ])
    expect(await reconciler.compareAll()).toMatchObject([{ differenceCount: 0 }])

    const accounts = await fresh.db.tenant(tenant, tx => accountsOf(tx, { limit: 100 }))
    const balance = (kind: string, owner: string, asset: string) =>
      accounts.find(account => account.kind === kind && account.owner === owner && account.asset === asset)?.balance
    expect(balance('house_fees', 'exchange', 'USD')).toBe(1_200_000n)
    expect(balance('clearing', 'exchange fees', 'USD')).toBe(0n)
    expect(balance('clearing', 'exchange transfers', 'USD')).toBe(0n)
    expect(balance('client_trading', 'bob', 'USD')).toBe(499_200_000n)
    expect(balance('client_trading', 'alice', 'ABC')).toBe(100_000_000n)
    const { totals } = await fresh.db.tenant(tenant, tx => trialBalance(tx)).then(rows => ({ totals: rows }))
    expect(totals.length).toBeGreaterThan(0)
    await shards.stop()
  })

  test('a wallet that holds too little gives nothing, and nothing is under way', async () => {
    const { shards, desk, give } = await world()
    await give('alice', 'ABC', 1)
    await expect(desk.request('alice', { direction: 'in', asset: 'ABC', amount: '1.5' })).rejects.toMatchObject({
      code: 'ledger.insufficient_funds',
    })
    expect(await desk.transfers('alice')).toEqual([])
    expect(await desk.wallet('alice')).toEqual([{ asset: 'ABC', balance: '1.00000000' }])
    await shards.stop()
  })

  test('one transfer of an account at a time, and one that was cut off is taken up again, once', async () => {
    const { exchange, shards, desk, give } = await world()
    await give('alice', 'ABC', 3)
    const { id } = await desk.request('alice', { direction: 'in', asset: 'ABC', amount: '1' })
    await expect(desk.request('alice', { direction: 'in', asset: 'ABC', amount: '1' })).rejects.toMatchObject({
      code: 'state.conflict',
    })
    // The shard has carried it out, and the process ended before that was written down.
    await exchange.move(0, 'alice', 'ABC', 10 ** SCALES.base, 1)
    await desk.finished(id)
    expect(await desk.transfer('alice', id)).toMatchObject({ state: 'completed' })
    expect(exchange.balances('alice')).toEqual([{ asset: 'ABC', available: '1.00000000', held: '0.00000000' }])
    expect(await desk.wallet('alice')).toEqual([{ asset: 'ABC', balance: '2.00000000' }])
    await shards.stop()
  })

  test('what was rolled back is posted again, with the accounts that were opened for it', async () => {
    const { shards, reconciler, transfer, give } = await world({ failures: 1 })
    await give('alice', 'ABC', 3)
    expect(await transfer('alice', 'in', 'ABC', '2')).toMatchObject({ state: 'completed' })
    expect(await reconciler.compareAll()).toMatchObject([{ differenceCount: 0, accounts: 1 }])
    await shards.stop()
  })

  test('a ledger that cannot follow keeps nobody waiting, and is behind', async () => {
    const fresh = await freshDatabase()
    const refusing = async () => {
      throw new Error('the ledger is away')
    }
    const { exchange, shards } = openExchange(fresh, freshTenant(), 'test', refusing)
    await shards.start()
    await shards.opened()
    await listMarket(shards, 0, ABC_USD, SCALES)
    await exchange.move(0, 'alice', 'ABC', 1, 1)
    const [clock, timers] = [systemClock(), systemTimers()]
    const reconciler = new BooksReconciler({ tenant: freshTenant(), shards, clock, timers, log: silentLog })
    expect(await reconciler.compareAll()).toEqual([])
    expect(exchange.status().shards[0]!.historyLag).toBeGreaterThan(0)
    await shards.stop()
  })

  test('a difference is found, and named', async () => {
    const { fresh, shards, reconciler, transfer, give } = await world()
    await give('alice', 'ABC', 3)
    await transfer('alice', 'in', 'ABC', '2')
    await fresh.asOwner(`ALTER TABLE ledger_account DISABLE TRIGGER ALL`)
    await fresh.asOwner(`UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'client_trading'`)
    expect(await reconciler.compareAll()).toMatchObject([
      {
        differenceCount: 1,
        differences: [{ owner: 'alice', asset: 'ABC', exchange: '2.00000000', ledger: '2.00000001' }],
      },
    ])
    await shards.stop()
  })
})
