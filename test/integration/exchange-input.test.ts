import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../src/kernel/index.ts'
import { serveExchange, XRP } from './exchange-server.ts'

const server = serveExchange()
const good = { instrument: XRP, side: 'buy', type: 'limit', quantity: '100', price: '0.5' } as const
/** What is bad in an order, and the field and the words of the rule that the answer names. */
const BAD: readonly [string, Record<string, unknown>, string, RegExp][] = [
  ['a negative quantity', { quantity: '-1' }, 'quantity', /decimal above zero/],
  ['no number', { quantity: 'NaN' }, 'quantity', /decimal/],
  ['an exponent', { quantity: '1e999' }, 'quantity', /decimal/],
  ['a number that is no string', { quantity: 100 }, 'quantity', /string/],
  ['nothing at all', { quantity: '0' }, 'quantity', /at least 1\.0/],
  ['too many decimals of a quantity', { quantity: '1.00001' }, 'quantity', /at most 1 decimals/],
  ['too many decimals of a price', { price: '0.50001' }, 'price', /at most 4 decimals/],
  ['a price of zero', { price: '0' }, 'price', /above zero/],
  ['a price above the highest', { price: '1000.0001' }, 'price', /at most 1000\.0000/],
  ['too large a quantity', { quantity: '1000001' }, 'quantity', /at most 1000000\.0/],
  ['too small a notional', { quantity: '1' }, 'quantity', /notional/],
  ['an instrument that is not listed', { instrument: 'house:ABC/USD' }, 'instrument', /listed/],
  ['an instrument that is none', { instrument: 7 }, 'instrument', /string/],
  ['a client id that is too long', { clientId: 'x'.repeat(37) }, 'clientId', /1 to 36/],
  ['a client id with other characters', { clientId: "x'; drop" }, 'clientId', /1 to 36/],
  ['a side that is none', { side: 'long' }, 'side', /buy/],
  ['a price of a market order', { type: 'market' }, 'price', /not for a market order/],
  ['a limit order without a price', { price: undefined }, 'price', /needed/],
  ['a market order that rests', { type: 'market', price: undefined, timeInForce: 'gtc' }, 'timeInForce', /ioc or fok/],
  ['an end of an order that has none', { expireAt: 1 }, 'expireAt', /not for/],
  ['an end that has passed', { timeInForce: 'gtd', expireAt: 1 }, 'expireAt', /future/],
  ['an iceberg that shows all of it', { displayQuantity: '100' }, 'displayQuantity', /less than/],
  ['more than the account has', { quantity: '1000000', price: '1' }, 'quantity', /funds/],
  ['a session that was never opened', { session: 7 }, 'session', /is an open session of this account/],
  ['a session that is none', { session: '7' }, 'session', /number/],
  ['a field that nobody knows', { leverage: '10' }, 'leverage', /is no field here/],
]

/** Everything of the engine but how many commands there were, and when. */
const stateOf = () => {
  const { engine } = server.current.shards.parts[0]!.shard.replica
  const { sequence, at, ...rest } = engine.state() as unknown as Record<string, unknown>
  return JSON.stringify(rest)
}

describe('bad input', () => {
  test.each(BAD)('%s is refused with the field and the rule, and changes nothing', async (_, wrong, field, rule) => {
    const before = stateOf()
    const { status, body } = await server.current.ask('POST', '/v1/exchange/orders', { body: { ...good, ...wrong } })
    expect([status >= 400 && status < 500, body.code]).toEqual([
      true,
      expect.stringMatching(/^(request\.invalid|exchange\.refused|instrument\.unknown)$/),
    ])
    const faults = body.faults ?? [{ field: body.field, rule: body.rule }]
    expect(faults.map((fault: { field: string }) => fault.field)).toContain(field)
    expect(faults.map((fault: { rule: string }) => fault.rule).join(' ')).toMatch(rule)
    expect(stateOf()).toBe(before)
  })

  test('a batch of ten thousand orders is refused whole', async () => {
    const before = stateOf()
    const orders = Array.from({ length: 10_000 }, () => good)
    const { status, body } = await server.current.ask('POST', '/v1/exchange/orders/batch', { body: { orders } })
    expect([status, body.code]).toEqual([413, 'request.too_large'])
    const some = await server.current.ask('POST', '/v1/exchange/orders/batch', {
      body: { orders: orders.slice(0, 51) },
    })
    expect([some.status, some.body.faults[0].field]).toEqual([400, 'orders'])
    expect(stateOf()).toBe(before)
  })

  test('what is no JSON, and deep JSON, is refused', async () => {
    for (const text of ['{', 'null', '[]', '"x"', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, '{"__proto__":{}}']) {
      const { status } = await server.current.ask('POST', '/v1/exchange/orders', { text })
      expect(status).toBe(400)
    }
  })

  test('orders of others, and orders that never were, are unknown', async () => {
    const placed = await server.current.ask('POST', '/v1/exchange/orders', { body: good })
    expect(placed.status).toBe(201)
    for (const person of ['bob', 'nobody']) {
      const url = `/v1/exchange/orders/${placed.body.id}`
      expect((await server.current.ask('GET', url, { person })).status).toBe(404)
      expect((await server.current.ask('DELETE', url, { person })).status).toBe(404)
      expect((await server.current.ask('PATCH', url, { person, body: { price: '0.4' } })).status).toBe(404)
    }
    expect((await server.current.ask('DELETE', '/v1/exchange/orders/0-999999')).status).toBe(404)
    expect((await server.current.ask('DELETE', '/v1/exchange/orders/9-1')).status).toBe(404)
    expect((await server.current.ask('GET', '/v1/exchange/orders/x')).status).toBe(400)
    expect((await server.current.ask('DELETE', `/v1/exchange/orders/${placed.body.id}`)).status).toBe(200)
  })

  test('who may read may not trade', async () => {
    const { status } = await server.current.ask('POST', '/v1/exchange/orders', {
      body: good,
      permissions: ['orders:read'],
    })
    expect(status).toBe(403)
  })
})

interface Schema {
  type?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
}

/** A value of a schema, or one that is near it, or nothing like it. */
function valueFor(random: Random, schema: Schema, depth = 0): unknown {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  if (random.next() < 0.15 || depth > 4)
    return pick([
      null,
      true,
      -1,
      1e308,
      '',
      '-0',
      '1e999',
      'NaN',
      'x'.repeat(500),
      '\u0000',
      [],
      {},
      [[]],
      '0.00000001',
      Number.MAX_SAFE_INTEGER,
    ])
  if (schema.enum !== undefined) return pick(schema.enum)
  if (schema.type === 'object') {
    const made: Record<string, unknown> = {}
    for (const [name, part] of Object.entries(schema.properties ?? {}))
      if (schema.required?.includes(name) ? random.next() < 0.95 : random.next() < 0.4)
        made[name] = valueFor(random, part, depth + 1)
    return made
  }
  if (schema.type === 'array')
    return Array.from({ length: random.below(4) }, () => valueFor(random, schema.items ?? {}, depth + 1))
  if (schema.type === 'integer' || schema.type === 'number') return random.below(1_000_000)
  if (schema.type === 'boolean') return random.next() < 0.5
  return pick([
    XRP,
    'XRP',
    'USD',
    '1',
    '100',
    '0.5',
    '0.4999',
    'abc-1',
    '0-12',
    '99999999999999999999',
    '100.123456789',
  ])
}

describe('a client that knows the document and no manners', () => {
  const seed = process.env.BOURSE_SEED ?? '4'
  const rounds = Number(process.env.FUZZ_ROUNDS ?? 400)

  test(`never breaks anything, whatever it sends (seed ${seed})`, async () => {
    const random = seededRandom(`fuzz/${seed}`)
    const { paths } = server.current.http.openApi as {
      paths: Record<
        string,
        Record<
          string,
          {
            requestBody?: { content: Record<string, { schema: Schema }> }
            parameters?: { name: string; in: string; schema: Schema }[]
          }
        >
      >
    }
    const calls = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/exchange') || path.startsWith('/v1/ledger'))
      .flatMap(([path, methods]) => Object.entries(methods).map(([method, spec]) => ({ path, method, spec })))
    expect(calls.length).toBeGreaterThan(15)
    const statuses = new Map<number, number>()
    for (let round = 0; round < rounds; round++) {
      const { path, method, spec } = calls[random.below(calls.length)]!
      const query = new URLSearchParams()
      let url = path
      for (const { name, in: place, schema } of spec.parameters ?? []) {
        const value = valueFor(random, schema)
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text).slice(0, 100) || 'x')
        else if (random.next() < 0.6) query.set(name, text)
      }
      const schema = spec.requestBody?.content['application/json']?.schema
      const answer = await server.current.ask(method.toUpperCase() as 'GET', `${url}?${query}`, {
        person: random.next() < 0.5 ? 'ada' : `nobody-${round}`,
        ...(schema === undefined ? {} : { body: valueFor(random, schema) }),
      })
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      expect(answer.status, `${method} ${url}?${query} ${JSON.stringify(answer.body)}`).toBeLessThan(500)
      if (answer.status >= 400) expect(answer.body).toMatchObject({ status: answer.status, code: expect.any(String) })
    }
    // It got through now and then, and was refused often.
    expect([...statuses.keys()].some(status => status < 300)).toBe(true)
    expect([...statuses.keys()]).toContain(400)
  }, 120_000)
})
