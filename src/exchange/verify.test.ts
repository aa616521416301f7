import { beforeAll, describe, expect, test } from 'vitest'
import type { TenantId } from '../kernel/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../platform/testing.ts'
import { LIMITS, limit, NAIVE, openMarket } from './fake.ts'
import { type Standing, type VerifyOptions, verifyExchange } from './verify.ts'

let fresh: FreshDatabase
let tenant: TenantId

/** Orders of every fate, all of it written, and a snapshot at the end. */
beforeAll(async () => {
  fresh = await freshDatabase()
  tenant = freshTenant()
  const { exchange, shards } = await openMarket(fresh, tenant)
  await exchange.place('alice', limit('sell', '10.00', '5', { clientId: 'rests' }))
  await exchange.place('bob', limit('buy', '10.50', '2'))
  await exchange.place('bob', { ...limit('buy', '9.00', '3'), clientId: 'gone' })
  await exchange.cancelAll('bob')
  const { id } = await exchange.place('alice', { ...limit('sell', '11.00', '4'), displayQuantity: '1' })
  await exchange.amend('alice', id, { quantity: '3', price: '10.90' })
  await exchange.place('bob', {
    instrument: 'house:ABC/USD',
    side: 'buy',
    type: 'stop',
    triggerPrice: '12.00',
    quantity: '1',
  })
  await exchange.move(0, 'alice', 'USD', -5_000_000, 3)
  await exchange.orders('bob', {})
  await shards.stop()
})

const verify = async (more: Partial<VerifyOptions> = {}) =>
  (await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS, ...more }))[0]!

test('what was not touched is right, and the ledger is asked with how the accounts stand', async () => {
  const asked: Standing[] = []
  const verdict = await verify({
    compareLedger: async (_, standing) => {
      asked.push(standing)
      return ['the ledger says otherwise']
    },
  })
  expect(verdict).toMatchObject({ orders: 5, fills: 2, snapshots: 1, differences: ['the ledger says otherwise'] })
  expect(verdict.written).toBe(verdict.commands)
  const { accounts, fees } = asked[0]!
  expect(accounts.find(({ owner, asset }) => owner === 'alice' && asset === 'USD')).toMatchObject({
    balance: 1_000_000_000_000n + 20_000_000n - 20_000n - 5_000_000n,
    moved: 999_995_000_000n,
  })
  expect(fees).toContainEqual({ asset: 'USD', amount: 60_000n })
})

describe('rows that the owner of the database has changed are found', () => {
  test.each([
    [
      'a fill that was made better',
      'UPDATE exchange_fill SET price = price + 1 WHERE liquidity = $$maker$$',
      'UPDATE exchange_fill SET price = price - 1 WHERE liquidity = $$maker$$',
      /fill ABC\/USD 1 \d+ is in the history as: .* × 11, .*; replayed it is: .* × 10,/,
    ],
    [
      'a fill of nobody',
      'INSERT INTO exchange_fill SELECT tenant_id, shard, sequence, pair, 99, order_id, owner, client_id, side, price, quantity, fee, liquidity, at FROM exchange_fill WHERE liquidity = $$maker$$',
      'DELETE FROM exchange_fill WHERE trade = 99',
      /fill ABC\/USD 99 \d+ is in the history as: .*; replayed there is none/,
    ],
    [
      'an order that was cancelled and is open again',
      'UPDATE exchange_order SET state = $$open$$ WHERE client_id = $$gone$$',
      'UPDATE exchange_order SET state = $$canceled$$ WHERE client_id = $$gone$$',
      /order \d+ is in the history as: .*open requested.*; replayed it is: .*canceled requested/,
    ],
    [
      'an open order of another quantity',
      'UPDATE exchange_order SET quantity = 6 WHERE client_id = $$rests$$',
      'UPDATE exchange_order SET quantity = 5 WHERE client_id = $$rests$$',
      /order \d+ is in the history as: .* 6 × 10,.*; replayed it is: .* 5 × 10,/,
    ],
    [
      'an order that nobody placed',
      'INSERT INTO exchange_order SELECT tenant_id, shard, 1, owner, pair, client_id, side, type, time_in_force, post_only, state, price, trigger_price, quantity, display, filled, cost, fees, reason, expire_at, created_at, updated_at FROM exchange_order WHERE client_id = $$gone$$',
      'DELETE FROM exchange_order WHERE id = 1',
      /history has 6 orders of the commands 1 to \d+, and not 5/,
    ],
    [
      'a snapshot of another state',
      'UPDATE exchange_snapshot SET hash = translate(hash, $$0123456789abcdef$$, $$123456789abcdef0$$)',
      'UPDATE exchange_snapshot SET hash = translate(hash, $$123456789abcdef0$$, $$0123456789abcdef$$)',
      /the snapshot of command \d+ has the hash \w+, replayed it is/,
    ],
    [
      'a deposit that was made larger',
      'UPDATE exchange_journal SET commands = replace(commands, $$["deposit",$$ || (commands::json->0->>1) || $$,1,0,100000000000,1]$$, $$["deposit",$$ || (commands::json->0->>1) || $$,1,0,200000000000,1]$$)',
      'UPDATE exchange_journal SET commands = replace(commands, $$,1,0,200000000000,1]$$, $$,1,0,100000000000,1]$$)',
      /the snapshot of command \d+ has the hash/,
    ],
    [
      'an epoch that goes back',
      'UPDATE exchange_journal SET epoch = 5 WHERE first = 2',
      'UPDATE exchange_journal SET epoch = 1 WHERE first = 2',
      /command 3 was written in epoch 1, after epoch 5/,
    ],
    [
      'a command that was taken out',
      'UPDATE exchange_journal SET first = 1003, last = 1003 WHERE first = 3',
      'UPDATE exchange_journal SET first = 3, last = 3 WHERE first = 1003',
      /the journal cannot be read or carried out after command 2: .*follows the batch before it/,
    ],
    [
      'history of commands that the journal has lost',
      'UPDATE exchange_checkpoint SET sequence = sequence + 10',
      'UPDATE exchange_checkpoint SET sequence = sequence - 10',
      /history is written up to command \d+, the journal ends at \d+/,
    ],
  ])('%s', async (_, tamper, mend, difference) => {
    await fresh.asOwner(tamper)
    const found = (await verify()).differences
    await fresh.asOwner(mend)
    expect(found.join('\n')).toMatch(difference)
    expect((await verify()).differences).toEqual([])
  })
})
