import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { TenantId } from '../../kernel/index.ts'
import { eventually, freshTenant } from '../testing.ts'
import { audited, connect, hub, open, reader, subscribe, time, tokens, useHub } from './testing.ts'

useHub()

const offerBook = () =>
  hub.offer({
    match: topic => topic.startsWith('book:'),
    permission: 'market:read',
    kind: 'state',
    snapshot: () => ({ now: 0 }),
  })
const offerTicker = () =>
  hub.offer({
    match: topic => topic === 'ticker',
    permission: 'market:read',
    kind: 'state',
    snapshot: () => [],
    key: (datum: { instrument: string }) => datum.instrument,
  })
const offerFills = (snapshot: () => unknown = () => []) =>
  hub.offer({ match: topic => topic === 'fills', permission: 'orders:read', kind: 'log', snapshot })

test('a subscription begins with a snapshot and goes on without a gap', async () => {
  offerFills(() => ['old'])
  const tenant = freshTenant()
  const client = await connect(reader(tenant))
  await subscribe(client, 'fills')
  hub.publish(tenant, 'fills', 'a')
  hub.publish(tenant, 'fills', ['b', 'c'])
  await eventually(() => client.data('fills').flat().length === 3)
  const messages = client.got.filter(message => message.type === 'snapshot' || message.type === 'update')
  expect(messages.map(message => [message.type, message.sequence, message.data])).toEqual([
    ['snapshot', 1, ['old']],
    ['update', 2, ['a', 'b', 'c']],
  ])
})

test('a state is sent 20 times a second at most, the latest each time', async () => {
  offerBook()
  const client = await connect()
  await subscribe(client, 'book:x')
  for (let now = 1; now <= 100; now++) hub.publish('all', 'book:x', { now })
  await time.advance(50)
  await eventually(() => client.data('book:x').length === 1)
  expect(client.data('book:x')).toEqual([{ now: 100 }])
})

test('a state with parts keeps the latest of each', async () => {
  offerTicker()
  const client = await connect()
  await subscribe(client, 'ticker')
  hub.publish('all', 'ticker', [
    { instrument: 'a', last: 1 },
    { instrument: 'b', last: 1 },
  ])
  hub.publish('all', 'ticker', { instrument: 'a', last: 2 })
  await time.advance(50)
  await eventually(() => client.data('ticker').length === 1)
  expect(client.data('ticker')).toEqual([
    [
      { instrument: 'a', last: 2 },
      { instrument: 'b', last: 1 },
    ],
  ])
})

test('SC-58 what is published in one tenant reaches that tenant only', async () => {
  offerFills()
  const [ours, theirs] = [freshTenant(), freshTenant()]
  const [mine, other] = [await connect(reader(ours)), await connect(reader(theirs))]
  await subscribe(mine, 'fills')
  await subscribe(other, 'fills')
  hub.publish(ours, 'fills', 'ours')
  hub.publish('all', 'fills', 'everybody')
  await eventually(() => other.data('fills').length === 1)
  expect(other.data('fills')).toEqual([['everybody']])
  expect(mine.data('fills').flat()).toEqual(['ours', 'everybody'])
})

test('what is published while a snapshot is being made follows it', async () => {
  let finish: (data: unknown) => void = () => {}
  offerFills(
    () =>
      new Promise(resolve => {
        finish = resolve
      }),
  )
  const tenant = freshTenant()
  const client = await connect(reader(tenant))
  client.send({ type: 'subscribe', topic: 'fills' })
  client.send({ type: 'ping', id: 1 })
  await client.wait(message => message.type === 'pong')
  hub.publish(tenant, 'fills', 'meanwhile')
  await new Promise(resolve => setImmediate(resolve))
  finish(['old'])
  await eventually(() => client.data('fills').length === 1)
  expect(client.got.filter(message => 'topic' in message).map(message => message.type)).toEqual(['snapshot', 'update'])
})

test('a slow reader costs a bounded amount: states conflate, logs resync with the number missed', async () => {
  await open({ slowBytes: 10_000, logWaitingMax: 50 })
  offerBook()
  offerFills(() => ['fresh snapshot'])
  const tenant = freshTenant()
  const client = await connect(reader(tenant))
  await subscribe(client, 'book:x')
  await subscribe(client, 'fills')
  client.socket.pause()
  const padding = 'x'.repeat(64 * 1_024)
  // Fills the buffers of the operating system until what is sent stays with us.
  let now = 0
  while (hub.waitingCount() === 0) {
    hub.publish('all', 'book:x', { now: ++now, padding })
    await time.advance(50)
    expect(now).toBeLessThan(5_000)
  }
  const until = now + 1_000
  while (now < until) hub.publish('all', 'book:x', { now: ++now, padding })
  for (let entry = 0; entry < 500; entry++) {
    hub.publish(tenant, 'fills', entry)
    if (entry % 10 === 0) await time.advance(1)
    expect(hub.waitingCount()).toBeLessThanOrEqual(51)
  }
  client.socket.resume()
  await eventually(async () => {
    await time.advance(50)
    return client.got.some(message => message.type === 'resync')
  })
  const states = client.data('book:x') as { now: number }[]
  await eventually(() => (client.data('book:x').at(-1) as { now: number }).now === now)
  expect(states.length).toBeLessThan(now - 900)
  const fills = client.got.filter(message => 'topic' in message && message.topic === 'fills')
  expect(fills).toMatchObject([
    { type: 'snapshot', sequence: 1 },
    { type: 'resync', sequence: 2, missed: 500 },
    { type: 'snapshot', sequence: 3, data: ['fresh snapshot'] },
  ])
  expect(hub.waitingCount()).toBe(0)
})

test('a reader that takes nothing for too long is cut', async () => {
  await open({ slowBytes: 1_000 })
  offerBook()
  const client = await connect()
  await subscribe(client, 'book:x')
  client.socket.pause()
  for (let now = 0; hub.waitingCount() === 0; now++) {
    hub.publish('all', 'book:x', { now, padding: 'x'.repeat(64 * 1_024) })
    await time.advance(50)
  }
  await time.advance(61_000)
  await eventually(() => hub.connectionCount() === 0)
})

test('SC-76 nothing is served before sign-in, and who does not sign in is closed', async () => {
  offerBook()
  const eager = await connect(null)
  eager.send({ type: 'subscribe', topic: 'book:x' })
  expect(await eager.closed).toEqual({ code: 4401 })
  expect(eager.got).toMatchObject([{ type: 'error', code: 'auth.required' }])
  const idle = await connect(null)
  await eventually(() => hub.connectionCount() === 1)
  await time.advance(5_000)
  expect(await idle.closed).toEqual({ code: 4401 })
})

test('SC-90 a refused token closes, and is recorded', async () => {
  const client = await connect(null)
  client.send({ type: 'auth', token: 'a.b.c' })
  expect(await client.closed).toEqual({ code: 4401 })
  expect(audited).toMatchObject([{ action: 'stream.sign_in', outcome: 'denied', reason: 'auth.token_invalid' }])
})

test.each(['http://elsewhere.example', 'null', 'http://own.example.evil.example'])(
  'SC-76 the origin %s is refused',
  async origin => {
    await expect(connect(null, { origin })).rejects.toThrow(/403/)
  },
)

test('SC-76 topics need their permission, and unknown ones are said to be so', async () => {
  offerFills()
  const client = await connect(reader(freshTenant(), new Set(['market:read'])))
  client.send({ type: 'subscribe', topic: 'fills' })
  client.send({ type: 'subscribe', topic: 'nothing' })
  await eventually(() => client.got.filter(message => message.type === 'error').length === 2)
  expect(client.got.slice(1)).toMatchObject([
    { type: 'error', code: 'permission.denied', topic: 'fills' },
    { type: 'error', code: 'resource.not_found', topic: 'nothing' },
  ])
})

test('SC-76 subscriptions, message size, message rate and form are bounded', async () => {
  offerBook()
  const many = await connect()
  for (let i = 0; i <= 50; i++) many.send({ type: 'subscribe', topic: `book:${i}` })
  expect(await many.wait(message => message.type === 'error')).toMatchObject({ topic: 'book:50' })
  const large = await connect()
  large.send(JSON.stringify({ type: 'auth', token: 'x'.repeat(20_000) }))
  expect(await large.closed).toEqual({ code: 1009 })
  const fast = await connect()
  for (let i = 0; i < 200; i++) fast.send({ type: 'ping', id: i })
  expect(await fast.closed).toEqual({ code: 1008 })
  const odd = await connect()
  odd.send('{"type":"subscribe","topic":"book:x","tenant":"other"}')
  expect(await odd.closed).toEqual({ code: 1008 })
})

test('connections are bounded', async () => {
  await open({ connectionsMax: 1 })
  await connect()
  await expect(connect()).rejects.toThrow(/429/)
})

test('SC-30 a connection ends a grace after its token, unless it is renewed by the same person', async () => {
  const principal = reader()
  const [ending, renewed, stolen] = [await connect(principal), await connect(principal), await connect(principal)]
  await time.advance(299_000)
  for (const socket of [ending, renewed, stolen])
    expect(socket.got.some(message => message.type === 'heartbeat')).toBe(true)
  renewed.send({ type: 'auth', token: (await tokens.issue(principal)).token })
  await eventually(() => renewed.got.filter(message => message.type === 'ready').length === 2)
  stolen.send({ type: 'auth', token: (await tokens.issue({ ...principal, tenant: freshTenant() as TenantId })).token })
  expect(await stolen.closed).toEqual({ code: 4401 })
  await time.advance(40_000)
  expect(await ending.closed).toEqual({ code: 4401 })
  expect(renewed.socket.readyState).toBe(WebSocket.OPEN)
})

test('SC-55 renewing with fewer permissions ends what they no longer allow', async () => {
  offerFills()
  const principal = reader()
  const client = await connect(principal)
  await subscribe(client, 'fills')
  client.send({ type: 'auth', token: (await tokens.issue({ ...principal, permissions: new Set() })).token })
  await client.wait(message => message.type === 'unsubscribed' && message.topic === 'fills')
})

test('closing the hub tells every reader', async () => {
  const client = await connect()
  await hub.close()
  expect(await client.closed).toEqual({ code: 1001 })
})
