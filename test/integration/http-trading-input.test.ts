import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ask, faults, good, type Method, ours, serveTrading, start, theirs, traders } from './trading-server.ts'

serveTrading()

describe('SC-61: bad input is the caller’s fault, named, and never ours', () => {
  const BAD: Record<string, readonly unknown[]> = {
    name: ['', '   ', 'x'.repeat(61), 5, null, 'a\0b', 'half \ud83d', 'a\u001bb', undefined],
    strategy: ['none', '', 5, null, 'x'.repeat(121), '\0', undefined],
    instrument: ['paper:XYZ/USD', 'ABC', '', 5, null, 'x'.repeat(61), 'a\0', undefined],
    interval: ['2m', '', 5, null, undefined],
    parameters: [
      { size: 0 },
      { size: 101 },
      { size: 'five' },
      { size: 1.5 },
      { other: 1 },
      5,
      null,
      [],
      'x',
      { 'a\0': 1 },
    ],
    allocation: ['0', '-5', '1.234', '1e5', 'NaN', '', 5, null, '1000000001', '9'.repeat(31), undefined],
  }
  test.each(Object.entries(BAD))('a new run with a bad %s', async (field, values) => {
    for (const value of values) {
      const answer = await ask('POST', '/v1/runs', { body: { ...good, [field]: value } })
      expect([value, answer.status]).toEqual([value, expect.toSatisfy(status => status === 400 || status === 404)])
      expect(faults(answer.body)).toContain(field)
    }
  })

  const wellFormed = (one: string) => Buffer.from(one).toString()
  const SOME_ID = '00000000-0000-7000-8000-000000000099'
  test.each([
    ['GET', '/v1/runs/nonsense', 'id'],
    ['GET', `/v1/runs/${SOME_ID}`, 'run'],
    ['POST', `/v1/runs/${SOME_ID}/start`, 'run'],
    ['POST', `/v1/runs/${SOME_ID}/stop`, 'run'],
    ['GET', '/v1/orders?limit=0', 'limit'],
    ['GET', '/v1/orders?limit=501', 'limit'],
    ['GET', '/v1/orders?limit=x', 'limit'],
    ['GET', '/v1/orders?state=half', 'state'],
    ['GET', '/v1/orders?run=1', 'run'],
    ['GET', '/v1/orders?before=1', 'before'],
    ['GET', '/v1/orders?before=1:%00', 'before'],
    ['GET', '/v1/orders/%00', 'id'],
    ['GET', `/v1/orders/${'x'.repeat(65)}`, 'id'],
    ['GET', '/v1/orders/none', 'id'],
    ['POST', '/v1/orders/none/cancel', 'id'],
    ['GET', '/v1/fills?instrument=%00', 'instrument'],
    ['GET', '/v1/fills?run=x', 'run'],
    ['GET', '/v1/fills?limit=-1', 'limit'],
    ['GET', '/v1/equity?from=-1', 'from'],
    ['GET', '/v1/equity?from=1e300', 'from'],
    ['GET', '/v1/events?before=0', 'before'],
    ['GET', '/v1/events?before=99999999999999999999', 'before'],
    ['GET', '/v1/candles?instrument=ABC&interval=7m', 'interval'],
    ['GET', '/v1/candles?interval=1m', 'instrument'],
  ] as const)('%s %s', async (method, url, field) => {
    const answer = await ask(method, url)
    expect([answer.status, answer.body.status]).toEqual([expect.toSatisfy(s => s === 400 || s === 404), answer.status])
    expect(faults(answer.body)).toContain(field)
  })

  test.each(['/v1/kill-switch', '/v1/kill-switch/lift'])('%s without a proper reason', async url => {
    for (const reason of ['', 'ab', '     ', 5, null, 'x'.repeat(2_001), 'null \0 in it', undefined]) {
      const answer = await ask('POST', url, { body: { reason } })
      expect([reason, answer.status, faults(answer.body)]).toEqual([reason, 400, expect.stringContaining('reason')])
    }
  })

  test('whatever a client may send, no answer is a 500 and every node goes on', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('\0', '\ud800', '__proto__', '1e9'),
    )
    const value = fc.oneof(text, fc.jsonValue(), fc.double(), fc.constantFrom(null, true, [], {}, 1e308))
    const field = fc.constantFrom('name', 'strategy', 'instrument', 'interval', 'parameters', 'allocation')
    const someBody = fc.oneof(
      fc.tuple(field, value).map(([name, bad]) => ({ ...good, [name]: bad }) as unknown),
      fc.dictionary(text, value).map(parameters => ({ ...good, parameters }) as unknown),
      value,
    )
    const query = fc.tuple(
      fc.constantFrom('orders', 'fills', 'equity', 'events', 'candles'),
      fc.constantFrom('limit', 'before', 'run', 'state', 'instrument', 'from', 'interval'),
      text.map(one => encodeURIComponent(wellFormed(one))),
    )
    const request = fc.oneof(
      someBody.map(body => ['POST', '/v1/runs', body] as const),
      value.map(reason => ['POST', '/v1/kill-switch/lift', { reason }] as const),
      value.map(parameters => ['PATCH', `/v1/runs/${SOME_ID}`, { parameters }] as const),
      query.map(([path, name, one]) => ['GET', `/v1/${path}?${name}=${one}`, undefined] as const),
      text.map(one => ['GET', `/v1/orders/${encodeURIComponent(wellFormed(one))}`, undefined] as const),
      text.map(one => ['POST', `/v1/orders/${encodeURIComponent(wellFormed(one))}/cancel`, undefined] as const),
    )
    await fc.assert(
      fc.asyncProperty(request, async ([method, url, body]) => {
        const { status } = await ask(method, url, { body })
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 400 },
    )
    for (const { trader } of traders.values()) expect(trader.state).toBe('running')
    for (const run of traders.get(ours)!.trading.runs())
      if (run.state === 'running') await traders.get(ours)!.trading.stop(run.id)
  })
})

test('SC-54: fields that nobody asked for are refused, in bodies and in queries', async () => {
  const run = await start(theirs)
  const extras: readonly [string, Method, string, unknown?][] = [
    ['tenant', 'POST', '/v1/runs', { ...good, tenant: theirs }],
    ['mode', 'POST', '/v1/runs', { ...good, mode: 'live' }],
    ['allocation', 'PATCH', `/v1/runs/${run.id}`, { parameters: {}, allocation: '1' }],
    ['force', 'POST', `/v1/runs/${run.id}/stop`, { force: true }],
    ['tenant', 'POST', '/v1/kill-switch', { reason: 'a good reason', tenant: ours }],
    ['tenant', 'GET', '/v1/orders?tenant=x'],
    ['all', 'GET', '/v1/runs?all=1'],
  ]
  for (const [extra, method, url, body] of extras) {
    const answer = await ask(method, url, { tenant: theirs, body })
    expect([url, answer.status, faults(answer.body)]).toEqual([url, 400, expect.stringContaining(extra)])
  }
  expect((await ask('GET', `/v1/runs/${run.id}`, { tenant: theirs })).body.state).toBe('running')
  expect((await ask('GET', '/v1/kill-switch', { tenant: theirs })).body.active).toBe(false)
  await ask('POST', `/v1/runs/${run.id}/stop`, { tenant: theirs })
})
