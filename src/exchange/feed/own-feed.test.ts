import { expect, test } from 'vitest'
import { PAGE_SIZE_MAX } from '../../kernel/index.ts'
import { freshDatabase, freshTenant } from '../../platform/testing.ts'
import { limit, openMarket } from '../fake.ts'
import { OwnFeed } from './own-feed.ts'

test('who has asked is told of every change of an order, of fills and of money; who has not is not', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  const told: string[] = []
  const feed = new OwnFeed(exchange, {
    orders: (owner, orders) => told.push(...orders.map(order => `${owner} ${order.state} ${order.filled}`)),
    fills: (owner, fills) => told.push(...fills.map(fill => `${owner} fill ${fill.quantity}`)),
    balances: (owner, balances) => told.push(`${owner} holds ${balances.find(({ asset }) => asset === 'ABC')?.held}`),
  })
  shards.follow(feed.followerOf(shards.parts))
  const news = async () => {
    await shards.written()
    await feed.flush()
    return told.splice(0)
  }
  feed.watch('alice')
  const { id } = await exchange.place('alice', limit('sell', '10.00', '5'))
  expect(await news()).toEqual(['alice open 0.000', 'alice holds 5.00000000'])
  await exchange.place('bob', limit('buy', '10.00', '2'))
  expect(await news()).toEqual(['alice open 2.000', 'alice fill 2.000', 'alice holds 3.00000000'])
  await exchange.cancel('alice', id)
  expect(await news()).toEqual(['alice canceled 2.000', 'alice holds 0.00000000'])
  await exchange.place('bob', limit('buy', '9.00', '1'))
  expect(await news()).toEqual([])
  await shards.stop()
})

test('every fill is told, however many came at once', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  const told: string[] = []
  const feed = new OwnFeed(exchange, {
    orders: () => {},
    fills: (_, fills) => told.push(...fills.map(fill => fill.id)),
    balances: () => {},
  })
  shards.follow(feed.followerOf(shards.parts))
  feed.watch('alice')
  const count = PAGE_SIZE_MAX + 7
  await exchange.place('alice', limit('sell', '10.00', '50'))
  await Promise.all(Array.from({ length: count }, () => exchange.place('bob', limit('buy', '10.00', '0.01'))))
  await shards.written()
  await feed.flush()
  const all = await exchange.fillsSince('alice', 0)
  expect(all.length).toBe(count)
  expect(told).toEqual(all.map(({ id }) => id))
  await shards.stop()
})
