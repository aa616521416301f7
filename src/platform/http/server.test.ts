import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError, PERMISSIONS, type Permission, type Principal, type TenantId } from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import type { AuditEntry } from '../events/audit-recorded.ts'
import { silentLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { systemIds } from '../system.ts'
import { type ManualTime, manualTime } from '../testing.ts'
import { ephemeralSigningKey } from '../tokens/signing-key.ts'
import { createTokens, type Tokens } from '../tokens/tokens.ts'
import { permissionMatrix } from './permission-matrix.ts'
import { created, noContent, ok, type Route, route } from './route.ts'
import { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts'

const Order = z.strictObject({
  instrument: z.string().min(1).max(40),
  side: z.enum(['buy', 'sell']),
  quantity: z.number().positive().max(1e9),
  note: z.string().max(100).optional(),
})
const OrderView = z.strictObject({ id: z.string(), side: z.string() })

const routes: Route[] = [
  route({
    method: 'POST',
    path: '/v1/orders',
    permission: 'runs:write',
    rate: 'trading',
    audit: 'order.place',
    summary: 'Place an order',
    body: Order,
    responses: { 201: OrderView },
    handle: ({ body }) => created({ id: 'order-1', side: body.side }),
  }),
  route({
    method: 'GET',
    path: '/v1/orders/:id',
    permission: 'orders:read',
    rate: 'read',
    summary: 'Read an order',
    params: z.strictObject({ id: z.uuid() }),
    query: z.strictObject({ limit: z.coerce.number().int().max(500).optional() }),
    responses: { 200: OrderView },
    handle({ params, principal }) {
      if (params.id.startsWith('0')) throw new AppError('order.unknown', { field: 'id' })
      return ok({ id: params.id, side: principal.name })
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/orders/:id',
    permission: 'orders:cancel',
    rate: 'trading',
    summary: 'Cancel an order',
    params: z.strictObject({ id: z.string() }),
    responses: { 204: z.void() },
    handle: () => noContent(),
  }),
  route({
    method: 'GET',
    path: '/v1/broken',
    permission: 'public',
    rate: 'read',
    summary: 'Fails',
    responses: { 200: z.strictObject({}) },
    handle() {
      throw new Error('SELECT secret FROM table -- at /srv/app/file.ts')
    },
  }),
  route({
    method: 'GET',
    path: '/v1/leaky',
    permission: 'public',
    rate: 'read',
    summary: 'Answers more than its schema',
    responses: { 200: z.strictObject({ a: z.int() }) },
    handle: () => ok({ a: 1, secret: 'canary' } as { a: number }),
  }),
]

let time: ManualTime
let tokens: Tokens
let server: HttpServer
let audited: AuditEntry[]
const all = new Set<Permission>(PERMISSIONS)
const principal = (permissions: ReadonlySet<Permission> = all): Principal => ({
  id: 'person-1',
  name: 'Ada',
  kind: 'person',
  tenant: '11111111-2222-4333-8444-555555555555' as TenantId,
  permissions,
})

async function start(options: Partial<HttpServerOptions> = {}) {
  time = manualTime()
  audited = []
  tokens = createTokens({ key: ephemeralSigningKey(), clock: time.clock, ids: systemIds() })
  server = await createHttpServer({
    config: { host: '127.0.0.1', port: 0, isDemo: false, publicOrigin: undefined },
    routes,
    deps: {} as never,
    tokens,
    audit: entry => void audited.push(entry),
    clock: time.clock,
    ids: systemIds(),
    timers: time.timers,
    log: silentLog,
    metrics: createMetrics(),
    db: {} as Database,
    checks: [],
    ...options,
  })
}
beforeEach(() => start())
afterEach(() => server.close())

const bearer = async (permissions?: ReadonlySet<Permission>) => ({
  authorization: `Bearer ${(await tokens.issue(principal(permissions))).token}`,
})
const place = async (payload: unknown, headers: Record<string, string> = {}) =>
  server.inject({
    method: 'POST',
    url: '/v1/orders',
    headers: { ...(await bearer()), 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })
const good = { instrument: 'paper:XRP/USD', side: 'buy', quantity: 1 }

test('a route answers what its schema says', async () => {
  const answer = await place(good)
  expect([answer.statusCode, answer.json()]).toEqual([201, { id: 'order-1', side: 'buy' }])
  const gone = await server.inject({ method: 'DELETE', url: '/v1/orders/x', headers: await bearer() })
  expect([gone.statusCode, gone.body]).toEqual([204, ''])
})

test('every error is problem details with the code, the request and the faults', async () => {
  const answer = await place({ instrument: '', side: 'up', quantity: 1 })
  expect(answer.headers['content-type']).toContain('application/problem+json')
  const problem = answer.json()
  expect(problem).toMatchObject({ status: 400, code: 'request.invalid', instance: '/v1/orders', retryable: false })
  expect(problem.requestId).toBe(answer.headers['x-request-id'])
  expect(problem.faults.map((fault: { field: string }) => fault.field)).toEqual(['instrument', 'side'])
})

test.each([
  ['an unknown path', { url: '/v1/nothing' }, 404, 'resource.not_found'],
  ['a method that is not offered', { url: '/v1/orders', method: 'PUT' }, 404, 'resource.not_found'],
  ['TRACE', { url: '/v1/orders', method: 'TRACE' }, 404, 'resource.not_found'],
  [
    'malformed JSON',
    { url: '/v1/orders', method: 'POST', payload: '{', type: 'application/json' },
    400,
    'request.invalid',
  ],
  [
    'an empty body',
    { url: '/v1/orders', method: 'POST', payload: '', type: 'application/json' },
    400,
    'request.invalid',
  ],
  [
    'another media type',
    { url: '/v1/orders', method: 'POST', payload: 'x', type: 'text/plain' },
    415,
    'request.unsupported_media_type',
  ],
  ['a path that is no UTF-8', { url: '/v1/orders/%E0%A4%A' }, 400, 'request.invalid'],
] as const)('%s is a problem too', async (_, { url, type, ...rest }: Record<string, string>, status, code) => {
  const headers = { ...(await bearer()), ...(type ? { 'content-type': type } : {}) }
  const answer = await server.inject({ url, headers, ...rest } as never)
  expect([answer.statusCode, answer.json().code]).toEqual([status, code])
})

test('SC-95 our own failures tell nothing of the inside', async () => {
  for (const url of ['/v1/broken', '/v1/leaky']) {
    const answer = await server.inject({ url })
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toMatchObject({ code: 'internal.error', detail: answer.json().title })
    expect(answer.body).not.toMatch(/SELECT|canary|\.ts|stack/)
  }
})

describe('access', () => {
  test('SC-36 without a token, with a broken one and with a wrong scheme', async () => {
    const codeWith = async (headers: Record<string, string>) =>
      (await server.inject({ url: '/v1/orders/x', headers })).json().code
    expect(await codeWith({})).toBe('auth.required')
    expect(await codeWith({ authorization: 'Bearer a.b.c' })).toBe('auth.token_invalid')
    expect(await codeWith({ authorization: 'Basic YTpi' })).toBe('auth.token_invalid')
    const headers = await bearer()
    await time.advance(301_000)
    expect(await codeWith(headers)).toBe('auth.token_expired')
  })

  test('SC-51 every route answers to exactly those who have its permission', async () => {
    const roles = Object.fromEntries([
      ...PERMISSIONS.map(name => [name, new Set([name])]),
      ['none', new Set<Permission>()],
    ])
    for (const { method, path, permission, allowed } of permissionMatrix(server.routes, roles)) {
      if (permission === 'public') continue
      for (const [role, isAllowed] of Object.entries(allowed)) {
        const url = path.replace(':id', '11111111-2222-4333-8444-555555555555')
        const answer = await server.inject({ method: method as 'GET', url, headers: await bearer(roles[role]) })
        expect([method, path, role, answer.statusCode !== 403]).toEqual([method, path, role, isAllowed])
      }
    }
  })

  test('SC-90 denied and audited calls are recorded with who, what, where and how it ended', async () => {
    await place(good)
    await server.inject({ url: '/v1/orders/x' })
    await server.inject({ url: '/v1/orders/x', headers: await bearer(new Set()) })
    expect(audited).toMatchObject([
      { action: 'order.place', outcome: 'allowed', who: { id: 'person-1' }, reason: null },
      { action: 'GET /v1/orders/:id', outcome: 'denied', who: { kind: 'anonymous' }, reason: 'auth.required' },
      { action: 'GET /v1/orders/:id', outcome: 'denied', who: { id: 'person-1' }, reason: 'permission.denied' },
    ])
    expect(audited[0]).toMatchObject({
      tenant: principal().tenant,
      where: { address: '127.0.0.1', route: 'POST /v1/orders' },
    })
  })
})

describe('input', () => {
  test('SC-54 fields that are not offered are refused, not dropped', async () => {
    for (const field of ['tenantId', 'role', 'balance', 'status', 'constructor_'])
      expect((await place({ ...good, [field]: 'x' })).json().faults[0]).toEqual({ field, rule: 'is no field here' })
    const query = await server.inject({
      url: '/v1/orders/11111111-2222-4333-8444-555555555555?tenant=x',
      headers: await bearer(),
    })
    expect(query.statusCode).toBe(400)
    const path = await server.inject({ method: 'DELETE', url: '/v1/orders/x?force=1', headers: await bearer() })
    expect(path.statusCode).toBe(400)
  })

  test('SC-54 a route whose schema would drop unknown fields does not start', async () => {
    const loose = route({
      ...(routes[0] as never as { method: 'POST' }),
      path: '/v1/loose',
      permission: 'public',
      rate: 'read',
      summary: '',
      body: z.object({ a: z.object({ b: z.int() }) }),
      responses: { 201: OrderView },
      handle: () => created({ id: '', side: '' }),
    })
    await expect(
      createHttpServer({
        config: { host: '', port: 0, isDemo: true, publicOrigin: undefined },
        routes: [loose],
        tokens,
        metrics: createMetrics(),
        checks: [],
        timers: time.timers,
        clock: time.clock,
        log: silentLog,
        ids: systemIds(),
        db: {} as Database,
        deps: {} as never,
        audit() {},
      }),
    ).rejects.toThrow(/strictObject/)
  })

  test('SC-68 prototype keys are refused', async () => {
    for (const body of [
      '{"__proto__":{"a":1}}',
      '{"constructor":{"prototype":{"a":1}}}',
      `{"instrument":"x","side":"buy","quantity":1,"__proto__":{}}`,
    ])
      expect((await place(body)).statusCode).toBe(400)
    expect(({} as { a?: number }).a).toBeUndefined()
  })

  test('SC-69 repeated query parameters are refused', async () => {
    const answer = await server.inject({
      url: '/v1/orders/11111111-2222-4333-8444-555555555555?limit=1&limit=2',
      headers: await bearer(),
    })
    expect([answer.statusCode, answer.json().field]).toEqual([400, 'limit'])
  })

  test('SC-71 a body over the bound and a compressed body are refused', async () => {
    expect((await place({ ...good, note: 'x'.repeat(300_000) })).json().code).toBe('request.too_large')
    expect((await place(good, { 'content-encoding': 'gzip' })).statusCode).toBe(415)
  })

  test('SC-61 whatever is sent, the answer is never a failure of ours', async () => {
    const headers = { ...(await bearer()), 'content-type': 'application/json' }
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.jsonValue().map(value => JSON.stringify(value)),
          fc.string(),
        ),
        async payload => {
          const { statusCode } = await server.inject({ method: 'POST', url: '/v1/orders', headers, payload })
          expect([201, 400, 415, 429]).toContain(statusCode)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('SC-61 odd numbers, types and lengths are refused', async () => {
    for (const [field, value] of [
      ['quantity', '1e999'],
      ['quantity', '-0'],
      ['quantity', '"1"'],
      ['instrument', '["a"]'],
      ['instrument', 'null'],
      ['note', `"${'x'.repeat(101)}"`],
    ])
      expect(
        (await place(JSON.stringify({ ...good, [field!]: 0 }).replace(`"${field}":0`, `"${field}":${value}`)))
          .statusCode,
        `${field} ${value}`,
      ).toBe(400)
  })
})

test('SC-65 past the rate there is 429 with Retry-After, for each caller alone; SC-72 a forged address does not help', async () => {
  const headers = await bearer()
  const url = '/v1/orders/11111111-2222-4333-8444-555555555555'
  const ask = (extra: Record<string, string> = {}) => server.inject({ url, headers: { ...headers, ...extra } })
  const burst = await Promise.all(
    Array.from({ length: 310 }, (_, i) => ask({ 'x-forwarded-for': `10.0.0.${i % 250}` })),
  )
  expect(burst.filter(answer => answer.statusCode === 429)).toHaveLength(10)
  const refused = burst.find(answer => answer.statusCode === 429)!
  expect(refused.json()).toMatchObject({ code: 'request.rate_limited', retryable: true })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  const other = await tokens.issue({ ...principal(), id: 'person-2' })
  expect((await server.inject({ url, headers: { authorization: `Bearer ${other.token}` } })).statusCode).toBe(200)
})

test('SC-73 SC-77 the headers that protect pages and answers', async () => {
  const { headers } = await server.inject({ url: '/v1/orders/x', headers: await bearer() })
  expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  expect(headers['content-security-policy']).toMatch(/script-src 'self';/)
  expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/)
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  expect(headers).not.toHaveProperty('x-powered-by')
  expect(headers).not.toHaveProperty('access-control-allow-origin')
})

describe('outside demo mode', () => {
  test('SC-87 the documents need a permission, readiness tells no detail, and there is no demo sign-in', async () => {
    await server.close()
    await start({ checks: [{ name: 'database', check: () => Promise.reject(new Error('at 10.0.0.7')) }] })
    for (const url of ['/openapi.json', '/docs', '/docs/'])
      expect((await server.inject({ url })).statusCode, url).toBe(401)
    expect(
      (await server.inject({ url: '/openapi.json', headers: await bearer(new Set(['docs:read'])) })).statusCode,
    ).toBe(200)
    expect((await server.inject({ url: '/health/ready' })).json()).toEqual({ status: 'not_ready' })
    const session = await server.inject({ method: 'POST', url: '/v1/session/demo' })
    expect([session.statusCode, session.json().code]).toEqual([403, 'auth.demo_only'])
    expect(audited.at(-1)).toMatchObject({ action: 'session.demo', outcome: 'denied' })
  })

  test('SC-74 a foreign origin is refused even with a token', async () => {
    const headers = { ...(await bearer()), host: 'bourse.example' }
    const codeOf = async (origin: string) =>
      (await server.inject({ url: '/v1/orders/x', headers: { ...headers, origin } })).json().code
    for (const origin of [
      'null',
      'https://elsewhere.example',
      'https://bourse.example.evil.example',
      'https://xbourse.example',
    ])
      expect(await codeOf(origin)).toBe('auth.origin_refused')
    expect(await codeOf('https://bourse.example')).toBe('request.invalid')
  })
})

describe('in demo mode', () => {
  const demo = principal(new Set(['orders:read']))
  const local = (port: number) => ({ host: `localhost:${port}` })
  let port: number
  beforeEach(async () => {
    await server.close()
    await start({ config: { host: '127.0.0.1', port: 0, isDemo: true, publicOrigin: undefined }, demoPrincipal: demo })
    port = (await server.listen()).port
  })

  test('signing in takes no password and gives a token that works', async () => {
    const session = await server.inject({ method: 'POST', url: '/v1/session/demo', headers: local(port) })
    expect(session.json()).toMatchObject({
      principal: { id: demo.id, name: 'Ada', tenant: demo.tenant, permissions: ['orders:read'] },
    })
    const headers = { ...local(port), authorization: `Bearer ${session.json().token}` }
    expect((await server.inject({ url: '/v1/orders/11111111-2222-4333-8444-555555555555', headers })).statusCode).toBe(
      200,
    )
  })

  test('SC-74 only this machine under its own names is answered', async () => {
    const statusOf = async (headers: Record<string, string>) =>
      (await server.inject({ url: '/health/live', headers })).statusCode
    expect(await statusOf({ host: `localhost:${port}` })).toBe(200)
    expect(await statusOf({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` })).toBe(200)
    expect(await statusOf({ host: `rebound.example:${port}` })).toBe(403)
    expect(await statusOf({ host: 'localhost:1' })).toBe(403)
    expect(await statusOf({ host: `localhost:${port}`, origin: 'https://elsewhere.example' })).toBe(403)
    expect(await statusOf({ host: `localhost:${port}`, origin: 'null' })).toBe(403)
  })

  test('the document is complete and the explorer works under a policy without inline scripts', async () => {
    const document = (await server.inject({ url: '/openapi.json', headers: local(port) })).json()
    expect(document.openapi).toBe('3.1.0')
    expect(document.paths['/v1/orders'].post).toMatchObject({
      'x-permission': 'runs:write',
      security: [{ bearer: [] }],
    })
    expect(document.paths['/v1/orders/{id}'].get.parameters).toMatchObject([
      { name: 'id', in: 'path' },
      { name: 'limit', in: 'query' },
    ])
    expect(Object.keys(document.paths['/v1/orders'].post.responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '413',
      '415',
      '429',
      '500',
      '503',
    ])
    const page = await server.inject({ url: '/docs/', headers: local(port) })
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';/)
    expect(page.body).not.toMatch(/<script(?![^>]*src=)[^>]*>/)
    for (const [, file] of page.body.matchAll(/(?:src|href)="\.?\/?(?:docs\/)?(static\/[^"]+)"/g))
      expect((await server.inject({ url: `/docs/${file}`, headers: local(port) })).statusCode, file).toBe(200)
  })
})

test('pages are served with the fallback for their own paths, never for the API', async () => {
  await server.close()
  const staticDir = mkdtempSync(join(tmpdir(), 'bourse-pages-'))
  mkdirSync(join(staticDir, 'assets'))
  writeFileSync(join(staticDir, 'index.html'), '<!doctype html>page')
  writeFileSync(join(staticDir, 'assets', 'main-a1b2c3d4.js'), 'x')
  await start({ staticDir })
  const html = { accept: 'text/html' }
  const get = async (url: string, headers: Record<string, string> = html) => {
    const { statusCode, body, headers: sent } = await server.inject({ url, headers })
    return { statusCode, body, cache: sent['cache-control'] }
  }
  expect(await get('/')).toEqual({ statusCode: 200, body: '<!doctype html>page', cache: 'no-cache' })
  expect((await get('/t/paper:XRP-USD?tab=1')).body).toContain('page')
  expect(await get('/assets/main-a1b2c3d4.js')).toMatchObject({ cache: 'public, max-age=31536000, immutable' })
  expect((await get('/v1/nothing')).statusCode).toBe(404)
  expect((await get('/assets/missing.js')).statusCode).toBe(404)
  expect((await get('/..%2f..%2fetc/passwd')).body).not.toContain('root:')
  expect((await get('/t/x', { accept: 'application/json' })).statusCode).toBe(404)
})

test('a port in use is one clear line with the fix', async () => {
  const { port } = await server.listen()
  const first = server
  await start({ config: { host: '127.0.0.1', port, isDemo: false, publicOrigin: undefined } })
  await expect(server.listen()).rejects.toThrow(
    new RegExp(`BOURSE_PORT: 127.0.0.1:${port} is taken.*choose another port`),
  )
  await first.close()
})

test('SC-71 what is not HTTP, and headers beyond the bound, end in a problem', async () => {
  const { port } = await server.listen()
  const ask = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => void socket.write(text))
      let got = ''
      socket.on('data', data => {
        got += data
      })
      socket.on('close', () => resolve(got))
      socket.on('error', reject)
    })
  expect(await ask('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400[\s\S]*"code":"request.invalid"/)
  expect(await ask(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/)
})

test('while it shuts down, running requests finish and new ones are refused', async () => {
  await server.close()
  let finish = () => {}
  let begin = () => {}
  const isBegun = new Promise<void>(resolve => {
    begin = resolve
  })
  const slow = route({
    method: 'GET',
    path: '/v1/slow',
    permission: 'public',
    rate: 'read',
    summary: 'Waits',
    responses: { 200: z.strictObject({}) },
    async handle() {
      begin()
      await new Promise<void>(resolve => {
        finish = resolve
      })
      return ok({})
    },
  })
  await start({ routes: [slow] })
  const { origin } = await server.listen()
  const running = fetch(`${origin}/v1/slow`)
  await isBegun
  const closing = server.close()
  const refused = await server.inject({ url: '/health/live' }).then(
    answer => answer.statusCode,
    () => 503,
  )
  finish()
  expect([(await running).status, refused]).toEqual([200, 503])
  await closing
})

test('a route without a permission, or that answers what it does not declare, does not type-check', () => {
  const number = { method: 'GET', path: '/v1/x', rate: 'read', summary: '', responses: { 200: z.int() } } as const
  const open = { ...number, permission: 'public' } as const
  // @ts-expect-error permission is missing
  route({ ...number, handle: () => ok(1) })
  // @ts-expect-error there is no such permission
  route({ ...number, permission: 'anything', handle: () => ok(1) })
  // @ts-expect-error 201 is not declared
  route({ ...open, handle: () => created(1) })
  // @ts-expect-error the body does not fit
  route({ ...open, handle: () => ok('1') })
  // @ts-expect-error nobody has signed in on a public route
  route({ ...open, handle: ({ principal: who }) => ok(who.name.length) })
  expect(route({ ...open, handle: () => ok(1) }).path).toBe('/v1/x')
})
