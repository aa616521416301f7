import { expect, test } from 'vitest'
import { AppError } from '../kernel/index.ts'
import { silentLog } from '../platform/index.ts'
import { eventually, freshDatabase, freshTenant, manualTime } from '../platform/testing.ts'
import { ABC, LIMITS, limit, NAIVE, openExchange, openMarket } from './fake.ts'
import { Sessions } from './sessions.ts'
import type { NewCommand } from './shard/command.ts'
import type { Done } from './shard/owner.ts'
import type { Replica } from './shard/replica.ts'
import type { ShardState } from './shard/shard.ts'
import { verifyExchange } from './verify.ts'

const bid = (session?: number, more = {}) => limit('buy', '9.00', '1', { session, ...more })
const stop = (session: number) => ({
  instrument: ABC,
  side: 'buy' as const,
  type: 'stop' as const,
  triggerPrice: '12.00',
  quantity: '1',
  session,
})

test('orders of a session go with its connection, and no others', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  const [first, second] = [{}, {}]
  const session = shards.sessions.begin('alice', first)
  expect(shards.sessions.begin('alice', first)).toBe(session)
  const other = shards.sessions.begin('alice', second)
  expect(other).not.toBe(session)
  const gone = [await exchange.place('alice', bid(session)), await exchange.place('alice', stop(session))]
  const kept = [await exchange.place('alice', bid(other)), await exchange.place('alice', bid())]
  shards.sessions.end(first)
  await eventually(async () => (await exchange.orders('alice', { state: 'open' })).length === 2)
  const open = await exchange.orders('alice', { state: 'open' })
  expect(open.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort())
  for (const { id } of gone)
    expect(await exchange.order('alice', id)).toMatchObject({ state: 'canceled', reason: 'disconnected' })
  await shards.stop()
})

test('a session is open and one’s own: anything else is refused, and places nothing', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  const reader = {}
  const session = shards.sessions.begin('bob', reader)
  const refusal = { code: 'request.invalid', details: { field: 'session', rule: 'is an open session of this account' } }
  await expect(exchange.place('alice', bid(session))).rejects.toMatchObject(refusal)
  await expect(exchange.place('alice', bid(session + 1))).rejects.toMatchObject(refusal)
  shards.sessions.end(reader)
  shards.sessions.end(reader)
  await expect(exchange.place('bob', bid(session))).rejects.toMatchObject(refusal)
  expect(await exchange.orders('alice', {})).toEqual([])
  await shards.stop()
})

test('an order that is on its way when the connection ends is cancelled after it is placed', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  const reader = {}
  const session = shards.sessions.begin('alice', reader)
  const placing = Promise.all(Array.from({ length: 20 }, () => exchange.place('alice', bid(session))))
  // What follows the account has run: all of them are handed over, and none is committed.
  await Promise.resolve()
  shards.sessions.end(reader)
  const placed = await placing
  await eventually(async () => (await exchange.orders('alice', { state: 'open' })).length === 0)
  expect(await exchange.order('alice', placed[19]!.id)).toMatchObject({ reason: 'disconnected' })
  await shards.stop()
})

test('a cancel that cannot be taken is tried again, and left to the next owner where there is one', async () => {
  const { clock, advance } = manualTime()
  const sessions = new Sessions(clock, silentLog)
  const asked: NewCommand[] = []
  const shard = {
    state: 'owning' as ShardState,
    replica: {} as Replica,
    submit(command: NewCommand): Promise<Done> {
      asked.push(command)
      return Promise.reject(new AppError('exchange.busy'))
    },
  }
  const holder = { shard }
  const batch = async () => {
    sessions.onBatch(holder, [])
    await Promise.resolve()
  }
  sessions.onLoad(holder, { markets: [] } as never)
  const reader = {}
  const session = sessions.begin('alice', reader)
  sessions.use(holder, 'alice', 3, session)
  sessions.end(reader)
  await Promise.resolve()
  await batch()
  // Batches come by the hundred in a second.
  await batch()
  const cancel = { kind: 'cancel_all', account: 3, instrument: -1, session }
  expect(asked).toEqual([cancel, cancel])
  await advance(1_000)
  await batch()
  expect(asked.length).toBe(3)
  shard.state = 'following'
  await advance(1_000)
  await batch()
  shard.state = 'owning'
  await advance(1_000)
  await batch()
  expect(asked.length).toBe(3)
})

test('who begins to own a shard cancels the orders of sessions that it does not know, in the journal', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const first = await openMarket(fresh, tenant)
  const standby = openExchange(fresh, tenant, 'stand-by')
  await standby.shards.start()
  const session = first.shards.sessions.begin('alice', {})
  const placed = await first.exchange.place('alice', bid(session))
  const plain = await first.exchange.place('alice', bid())
  await first.shards.stop()
  await standby.shards.opened()
  await eventually(async () => (await standby.exchange.order('alice', placed.id)).state === 'canceled')
  expect(await standby.exchange.order('alice', plain.id)).toMatchObject({ state: 'open' })

  // From a snapshot as well, and with a session that this process has given to somebody else.
  const again = standby.shards.sessions.begin('alice', {})
  const last = await standby.exchange.place('alice', bid(again))
  await standby.shards.stop()
  const third = openExchange(fresh, tenant, 'third')
  await third.shards.start()
  await third.shards.opened()
  await eventually(async () => (await third.exchange.order('alice', last.id)).state === 'canceled')
  expect(await third.exchange.orders('alice', { state: 'open' })).toMatchObject([{ id: plain.id }])
  await third.shards.stop()
  const [verdict] = await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS })
  expect(verdict!.differences).toEqual([])
})
