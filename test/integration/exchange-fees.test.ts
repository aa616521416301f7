import { expect, test } from 'vitest'
import { serveExchange, XRP } from './exchange-server.ts'

const server = serveExchange()
const PATH = '/v1/exchange/fees/tiers'
const base = { volume: '0', makerRate: '0.0005', takerRate: '0.0006' }

test('who operates the exchange sets its tiers, and everybody pays by them', async () => {
  const { ask } = server.current
  expect((await ask('GET', PATH)).body.items).toEqual([
    { volume: '0.000000', makerRate: '0.001000', takerRate: '0.002000' },
  ])
  const tiers = [base, { volume: '1000000', makerRate: '0', takerRate: '0.0003' }]
  const denied = await ask('PUT', PATH, {
    body: { tiers },
    permissions: ['orders:write', 'orders:read', 'market:read'],
  })
  expect(denied.status).toBe(403)
  const set = await ask('PUT', PATH, { body: { tiers } })
  expect([set.status, set.body.items.length]).toEqual([200, 2])
  expect((await ask('GET', PATH)).body).toEqual(set.body)
  const { body } = await ask('GET', '/v1/exchange/fees')
  expect(body).toMatchObject({
    makerRate: '0.000500',
    takerRate: '0.000600',
    volume: '0.000000',
    volumeAsset: 'USD',
    next: { volume: '1000000.000000', makerRate: '0.000000', takerRate: '0.000300' },
  })
  const order = { instrument: XRP, type: 'limit', quantity: '100', price: '0.5' } as const
  await ask('POST', '/v1/exchange/orders', { body: { ...order, side: 'sell' }, person: 'bob' })
  const { body: bought } = await ask('POST', '/v1/exchange/orders', { body: { ...order, side: 'buy' } })
  // 0.06 % of fifty dollars.
  expect(bought.fills[0].fee).toBe('0.030000')
})

test.each([
  ['no tier at all', []],
  ['a first tier that is not for everybody', [{ ...base, volume: '1' }]],
  ['tiers that do not rise', [base, { ...base, volume: '10' }, { ...base, volume: '10' }]],
  ['a rate above one', [{ ...base, takerRate: '2' }]],
  ['a rate a little above one', [{ ...base, takerRate: '1.5' }]],
  ['a negative rate', [{ ...base, makerRate: '-0.001' }]],
  ['a rate finer than a millionth', [{ ...base, makerRate: '0.0000001' }]],
  ['too many tiers', Array.from({ length: 21 }, (_, i) => ({ ...base, volume: String(i) }))],
])('%s is refused and changes nothing', async (_, tiers) => {
  const { ask } = server.current
  const before = await ask('GET', PATH)
  const { status, body } = await ask('PUT', PATH, { body: { tiers } })
  expect([status, body.code]).toEqual([400, 'request.invalid'])
  expect(await ask('GET', PATH)).toEqual(before)
})
