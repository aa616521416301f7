import { afterAll, beforeAll, expect, test } from 'vitest'
import { PERMISSIONS, type Permission, type TenantId } from '../kernel/index.ts'
import {
  createHttpServer,
  createMetrics,
  createTokens,
  ephemeralSigningKey,
  silentLog,
  systemIds,
} from '../platform/index.ts'
import { type FreshDatabase, freshDatabase, manualTime } from '../platform/testing.ts'
import { ledgerRoutes } from './routes.ts'
import { type Books, NOON, newBooks } from './testing.ts'

let fresh: FreshDatabase
let server: Awaited<ReturnType<typeof createHttpServer>>
let books: Books
let alice: string
let fees: string
let fee: string
const [time, ids] = [manualTime(NOON), systemIds()]
const tokens = createTokens({ key: ephemeralSigningKey(), clock: time.clock, ids })
beforeAll(async () => {
  fresh = await freshDatabase()
  server = await createHttpServer({
    config: { host: '127.0.0.1', port: 0, isDemo: false, publicOrigin: undefined },
    routes: ledgerRoutes,
    deps: { db: fresh.db, now: () => NOON } as never,
    tokens,
    audit() {},
    clock: time.clock,
    timers: time.timers,
    ids,
    log: silentLog,
    metrics: createMetrics(),
    db: fresh.db,
    checks: [],
  })
  books = await newBooks(fresh, 'routes')
  const wallet = await books.open('client_wallet', 'alice')
  const clearing = await books.open('clearing', 'fees')
  await books.open('client_wallet', 'bob', 'BTC')
  await books.deposit(wallet, 10_000)
  fee = (
    await books.post(
      'fee',
      [
        [wallet, -125],
        [clearing, 125],
      ],
      { at: NOON + 5, cause: 'order/1', kind: 'fee' },
    )
  ).id
  ;[alice, fees] = [wallet, clearing]
})
afterAll(() => server.close())

let asked = 0
async function ask(
  url: string,
  more: { tenant?: TenantId; permissions?: readonly Permission[]; method?: 'GET' | 'POST' } = {},
) {
  asked += 1
  const { tenant = books.tenant, permissions = PERMISSIONS, method = 'GET' } = more
  const principal = { id: `p${asked}`, name: 'Ada', kind: 'person', tenant, permissions: new Set(permissions) } as const
  const answer = await server.inject({
    method,
    url: `/v1/ledger/${url}`,
    remoteAddress: `127.0.0.${asked}`,
    headers: { authorization: `Bearer ${(await tokens.issue(principal)).token}` },
  })
  const isJson = String(answer.headers['content-type']).includes('json')
  return { status: answer.statusCode, type: answer.headers['content-type'], body: isJson ? answer.json() : answer.body }
}

test('accounts are filtered and paged, with decimal amounts', async () => {
  const { body } = await ask('accounts?kind=client_wallet&asset=USD&owner=alice')
  expect(body).toEqual({
    items: [
      {
        id: alice,
        kind: 'client_wallet',
        owner: 'alice',
        asset: 'USD',
        shard: null,
        balance: '98.75',
        minimum: '0.00',
        entries: 2,
        updatedAt: NOON + 5,
      },
    ],
    next: null,
  })
  const owners: string[] = []
  for (let after = ''; ; ) {
    const page = (await ask(`accounts?limit=1${after}`)).body as { items: { owner: string }[]; next: string | null }
    owners.push(...page.items.map(({ owner }) => owner))
    if (page.next === null) break
    after = `&after=${page.next}`
  }
  expect(owners.sort()).toEqual(['alice', 'bank', 'bob', 'fees'])
})

test('entries and journals tell what moved an account, and by which cause', async () => {
  const entries = (await ask(`accounts/${alice}/entries?limit=1`)).body
  expect(entries).toMatchObject({ items: [{ journal: fee, amount: '-1.25', balance: '98.75', version: 2 }], next: '2' })
  expect((await ask(`accounts/${alice}/entries?before=2`)).body.items).toMatchObject([{ amount: '100.00', version: 1 }])
  expect((await ask('journals')).body.items.map(({ key }: { key: string }) => key)).toEqual(['fee', 'deposit/1'])
  expect((await ask(`journals?account=${fees}&cause=order/1`)).body.items).toMatchObject([{ id: fee, kind: 'fee' }])
  const journal = await ask(`journals/${fee}`)
  expect(journal.body).toMatchObject({
    key: 'fee',
    cause: 'order/1',
    reversedBy: null,
    entries: [
      { account: alice, amount: '-1.25' },
      { account: fees, amount: '1.25', balance: '1.25' },
    ],
  })
})

test('the trial balance balances, now and then', async () => {
  const now = (await ask('trial-balance')).body
  expect(now).toMatchObject({ at: null, isBalanced: true })
  expect(now.items).toContainEqual({ kind: 'outside', asset: 'USD', accounts: 1, debit: '100.00', credit: '0.00' })
  const then = (await ask(`trial-balance?at=${NOON + 4}`)).body
  expect(then.items).toContainEqual({ kind: 'clearing', asset: 'USD', accounts: 1, debit: '0.00', credit: '0.00' })
})

test('a statement comes as JSON or CSV', async () => {
  const url = `accounts/${alice}/statement?from=${NOON + 1}&to=${NOON + 6}`
  expect((await ask(url)).body).toMatchObject({
    opening: '100.00',
    closing: '98.75',
    lines: [{ kind: 'fee', key: 'fee' }],
  })
  const csv = await ask(`${url}&format=csv`)
  expect([csv.status, csv.type]).toEqual([200, 'text/csv; charset=utf-8; header=present'])
  expect(csv.body.split('\r\n').map((line: string) => line.split(',').at(-1))).toEqual([
    'balance',
    '100.00',
    '98.75',
    '98.75',
    '',
  ])
  expect((await ask(`accounts/${alice}/statement?from=5&to=4`)).status).toBe(400)
})

test('the books are verified on request', async () => {
  const { status, body } = await ask('verify', { method: 'POST' })
  expect([status, body]).toEqual([
    200,
    { isSound: true, faults: [], accounts: 4, journals: 2, entries: 4, holds: 0, seals: 0, unsealed: 2 },
  ])
})

test('SC-52: another tenant finds nothing, and everything needs its permission', async () => {
  const tenant = (await newBooks(fresh, 'others')).tenant
  for (const url of [`accounts/${alice}/entries`, `accounts/${alice}/statement?from=0&to=1`, `journals/${fee}`])
    expect([url, (await ask(url, { tenant })).status]).toEqual([url, 404])
  for (const url of ['accounts', 'journals', `journals?account=${alice}`])
    expect([url, (await ask(url, { tenant })).body.items]).toEqual([url, []])
  for (const { method, path, permission } of ledgerRoutes) {
    const url = path.replace('/v1/ledger/', '').replace(':id', alice)
    const permissions = PERMISSIONS.filter(one => one !== permission)
    expect([url, (await ask(url, { permissions, method: method as 'GET' })).status]).toEqual([url, 403])
  }
})

test.each([
  'accounts?kind=nothing',
  'accounts?limit=501',
  'accounts?after=x',
  'accounts?more=1',
  'accounts/x/entries',
  'journals?account=x',
  'trial-balance?at=-1',
])('%s is refused', async url => {
  expect(await ask(url)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
})
