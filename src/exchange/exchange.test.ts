import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { freshDatabase, freshTenant } from '../platform/testing.ts'
import { ABC, limit, openExchange, openMarket } from './fake.ts'

describe('orders', () => {
  test('trade, and both sides, their balances, the history and the ledger know it', async () => {
    const fresh = await freshDatabase()
    const { exchange, shards, posted } = await openMarket(fresh, freshTenant())
    const resting = await exchange.place('alice', limit('sell', '10.00', '5', { clientId: 'a1' }))
    expect(resting).toMatchObject({ state: 'open', filled: '0.000', fills: [], clientId: 'a1' })
    const taking = await exchange.place('bob', limit('buy', '10.50', '2'))
    expect(taking).toMatchObject({
      state: 'filled',
      filled: '2.000',
      fills: [{ price: '10.00', quantity: '2.000', fee: '0.040000', liquidity: 'taker' }],
    })
    // 2 × 10 = 20 dollars; 0.1 % for the maker, 0.2 % for the taker.
    expect(exchange.balances('alice')).toEqual([
      { asset: 'ABC', available: '995.00000000', held: '3.00000000' },
      { asset: 'USD', available: '1000019.980000', held: '0.000000' },
    ])
    expect(exchange.balances('bob')).toEqual([
      { asset: 'ABC', available: '1002.00000000', held: '0.00000000' },
      { asset: 'USD', available: '999979.960000', held: '0.000000' },
    ])
    const [order] = await exchange.orders('alice', { state: 'open' })
    expect(order).toMatchObject({
      id: resting.id,
      state: 'open',
      quantity: '5.000',
      filled: '2.000',
      averagePrice: '10.000000',
      fees: '0.020000',
    })
    expect((await exchange.fills('alice', {})).map(({ order: id, liquidity, fee }) => [id, liquidity, fee])).toEqual([
      [resting.id, 'maker', '0.020000'],
    ])
    const trades = posted.filter(({ kind }) => kind === 'trade')
    expect(
      trades.flatMap(({ moves }) => moves.map(({ owner, asset, amount }) => `${owner} ${asset} ${amount}`)),
    ).toEqual(['bob ABC 200000000', 'alice ABC -200000000', 'bob USD -20040000', 'alice USD 19980000'])
    expect(trades.flatMap(({ fees }) => fees)).toEqual([{ asset: 'USD', amount: 60_000n }])
    await shards.stop()
  })

  test('the same client id is the same order, and with other contents a refusal', async () => {
    const fresh = await freshDatabase()
    const { exchange, shards } = await openMarket(fresh, freshTenant())
    const order = limit('buy', '9.00', '1', { clientId: 'mine' })
    const first = await exchange.place('alice', order)
    expect(await exchange.place('alice', order)).toMatchObject({ id: first.id, repeated: true })
    await expect(exchange.place('alice', { ...order, price: '8.00' })).rejects.toMatchObject({
      code: 'exchange.refused',
      details: { reason: 'client_id_reused', field: 'clientId' },
    })
    expect(await exchange.orders('alice', {})).toHaveLength(1)
    await shards.stop()
  })

  test('an amend tells its total, and a cancel of what is gone is unknown', async () => {
    const fresh = await freshDatabase()
    const { exchange, shards } = await openMarket(fresh, freshTenant())
    const { id } = await exchange.place('alice', limit('sell', '10.00', '5'))
    await exchange.place('bob', limit('buy', '10.00', '2'))
    expect(await exchange.amend('alice', id, { quantity: '4' })).toMatchObject({ quantity: '4.000', filled: '2.000' })
    await exchange.place('bob', limit('buy', '10.00', '2'))
    expect(await exchange.order('alice', id)).toMatchObject({ state: 'filled', quantity: '4.000', filled: '4.000' })
    await expect(exchange.cancel('alice', id)).rejects.toMatchObject({ code: 'order.unknown' })
    await expect(exchange.cancel('bob', id)).rejects.toMatchObject({ code: 'order.unknown' })
    await shards.stop()
  })

  test('one order of a batch that is refused leaves the others', async () => {
    const fresh = await freshDatabase()
    const { exchange, shards } = await openMarket(fresh, freshTenant())
    const items = await exchange.placeAll('alice', [
      limit('buy', '9.00', '1'),
      limit('buy', '9.005', '1'),
      limit('buy', '9.00', '999999999'),
      limit('sell', '11.00', '1'),
    ])
    expect(items.map(item => ('order' in item ? item.order.state : item.error.detail))).toEqual([
      'open',
      'price: has at most 2 decimals',
      'quantity: is at most 1000.000',
      'open',
    ])
    expect(await exchange.cancelAll('alice')).toBe(2)
    await shards.stop()
  })
})

describe('restarts', () => {
  test('what was acknowledged is there again: books, balances and history', async () => {
    const fresh = await freshDatabase()
    const tenant = freshTenant()
    const first = await openMarket(fresh, tenant)
    await first.exchange.place('alice', limit('sell', '10.00', '5', { clientId: 'kept' }))
    await first.exchange.place('bob', limit('buy', '10.00', '2'))
    const before = [...first.shards.parts[0]!.shard.replica.state()]
    const books = first.shards.parts[0]!.feed.book(0)!
    await first.shards.stop()

    const second = openExchange(fresh, tenant)
    await second.shards.start()
    await second.shards.opened()
    expect([...second.shards.parts[0]!.shard.replica.state()]).toEqual(before)
    expect(second.shards.parts[0]!.feed.book(0)!.l2()).toMatchObject({ asks: books.l2().asks, bids: books.l2().bids })
    expect(await second.exchange.orders('alice', {})).toMatchObject([{ clientId: 'kept', filled: '2.000' }])
    // The snapshot was stored at the end: nothing was replayed or posted again.
    expect(second.posted).toEqual([])
    expect(await second.exchange.place('alice', limit('sell', '10.00', '5', { clientId: 'kept' }))).toMatchObject({
      repeated: true,
    })
    await second.shards.stop()
  })

  test('history that was not written is made again from the journal, once', async () => {
    const fresh = await freshDatabase()
    const tenant = freshTenant()
    const first = await openMarket(fresh, tenant)
    await first.exchange.place('alice', limit('sell', '10.00', '5'))
    await first.exchange.place('bob', limit('buy', '10.00', '2'))
    await first.exchange.orders('bob', {})
    await first.shards.stop()
    // As if the process had ended before its history was written.
    await fresh.asOwner('DELETE FROM exchange_fill; DELETE FROM exchange_order; DELETE FROM exchange_checkpoint')

    const second = openExchange(fresh, tenant)
    await second.shards.start()
    await second.shards.opened()
    expect(await second.exchange.orders('bob', {})).toMatchObject([{ state: 'filled', filled: '2.000' }])
    expect(second.posted.map(({ sequence }) => sequence)).toEqual(first.posted.map(({ sequence }) => sequence))
    await second.shards.stop()
  })

  test('a stand-by has it as soon as the owner goes, and goes on where it stood', async () => {
    const fresh = await freshDatabase()
    const tenant = freshTenant()
    const first = await openMarket(fresh, tenant)
    const standby = openExchange(fresh, tenant, 'stand-by')
    await standby.shards.start()
    await expect(standby.exchange.move(0, 'carol', 'USD', 1, 1)).rejects.toMatchObject({ code: 'exchange.unavailable' })
    const { id } = await first.exchange.place('alice', limit('sell', '10.00', '5'))
    await first.shards.stop()
    await standby.shards.opened()
    expect(standby.shards.parts[0]!.shard.epoch).toBe(2)
    expect(await standby.exchange.order('alice', id)).toMatchObject({ state: 'open' })
    await standby.exchange.cancel('alice', id)
    expect(standby.exchange.instruments()).toMatchObject([{ id: ABC, phase: 'trading' }])
    await standby.shards.stop()
  })

  test.each([
    ['of another state', `'\\x${gzipSync('{}').toString('hex')}'`],
    ['that cannot be read', `set_byte(state, 20, 255 - get_byte(state, 20))`],
  ])('a snapshot %s is not started from', async (_, state) => {
    const fresh = await freshDatabase()
    const tenant = freshTenant()
    await (await openMarket(fresh, tenant)).shards.stop()
    await fresh.asOwner(`UPDATE exchange_snapshot_part SET state = ${state}`)
    await expect(openExchange(fresh, tenant).shards.start()).rejects.toMatchObject({
      code: 'exchange.snapshot_damaged',
    })
  })
})
