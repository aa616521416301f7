import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../../src/platform/testing.ts'
import { serveExchange, XRP } from './exchange-server.ts'
import { originIn, startBourse, temporaryFolder } from './process.ts'

/** Orders that die with the connection of whoever placed them. */

const served = serveExchange()
const order = { instrument: XRP, side: 'buy', type: 'limit', quantity: '100', price: '0.4' } as const

/** A connection with a session. */
async function connect(origin: string, token: string): Promise<{ socket: WebSocket; session: number }> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/v1/stream`)
  const session = new Promise<number>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', data => {
      const message = JSON.parse(data.toString())
      if (message.type === 'ready') socket.send(JSON.stringify({ type: 'subscribe', topic: 'exchange-session' }))
      if (message.type === 'snapshot') resolve(message.data.session)
      if (message.type === 'error') reject(new Error(JSON.stringify(message)))
    })
  })
  socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token })))
  return { socket, session: await session }
}

test('a socket that is cut takes the orders of its session with it', async () => {
  const { ask, http, tokenOf } = served.current
  const { origin } = await http.listen()
  const [lost, other] = [await connect(origin, await tokenOf('ada')), await connect(origin, await tokenOf('ada'))]
  const place = async (body: object, person = 'ada') => ask('POST', '/v1/exchange/orders', { body, person })
  const gone = await place({ ...order, session: lost.session })
  const kept = [await place({ ...order, session: other.session }), await place(order)]
  expect([gone, ...kept].map(({ status }) => status)).toEqual([201, 201, 201])

  const taken = await place({ ...order, session: lost.session }, 'bob')
  expect([taken.status, taken.body.code, taken.body.field]).toEqual([400, 'request.invalid', 'session'])
  const batch = { orders: [order, { ...order, session: lost.session + 1 }] }
  const { body } = await ask('POST', '/v1/exchange/orders/batch', { body: batch, person: 'bob' })
  expect(body.items[1].error.detail).toBe('session: is an open session of this account')

  lost.socket.terminate()
  await eventually(async () => (await ask('GET', '/v1/exchange/orders')).body.items.length === 2)
  const { body: ended } = await ask('GET', `/v1/exchange/orders/${gone.body.id}`)
  expect(ended).toMatchObject({ state: 'canceled', reason: 'disconnected' })
  const after = await place({ ...order, session: lost.session })
  expect([after.status, after.body.field]).toEqual([400, 'session'])

  other.socket.close()
  await eventually(async () => (await ask('GET', '/v1/exchange/orders')).body.items.length === 1)
  expect((await ask('GET', '/v1/exchange/orders')).body.items[0].id).toBe(kept[1]!.body.id)
})

test('a server that is killed cancels them when it is there again, before anything else', async () => {
  const data = join(temporaryFolder(), 'data')
  const start = async () => {
    const server = startBourse(['start', '--demo', '--port', '0', '--data', data])
    const origin = originIn(await server.saying('strategies are at work'))
    const signed = await fetch(`${origin}/v1/session/demo`, { method: 'POST' })
    const { token } = (await signed.json()) as { token: string }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const ask = async (path: string, body?: object) => {
      const method = body === undefined ? 'GET' : 'POST'
      const answer = await fetch(`${origin}${path}`, { method, headers, body: JSON.stringify(body) })
      return (await answer.json()) as { id: string; reason: string | null; state: string }
    }
    return { server, origin, token, ask }
  }
  const first = await start()
  const { socket, session } = await connect(first.origin, first.token)
  socket.on('error', () => {})
  const far = { ...order, price: '0.45' }
  const ours = await first.ask('/v1/exchange/orders', { ...far, session })
  const plain = await first.ask('/v1/exchange/orders', far)
  expect([ours.state, plain.state]).toEqual(['open', 'open'])
  await first.server.end('SIGKILL')

  const second = await start()
  expect(await second.ask(`/v1/exchange/orders/${ours.id}`)).toMatchObject({
    state: 'canceled',
    reason: 'disconnected',
  })
  expect(await second.ask(`/v1/exchange/orders/${plain.id}`)).toMatchObject({ state: 'open', reason: null })
  expect(await second.server.end('SIGTERM')).toBe(0)
}, 180_000)
