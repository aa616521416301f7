import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { eventType, type NewEvent, type TenantId } from '../../kernel/index.ts'
import { roleUrl } from '../database/roles.ts'
import { systemIds } from '../system.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../testing.ts'
import { appendEvents } from './append.ts'
import { readEvents, readStream, streamHead } from './read.ts'
import { eventTypes } from './types.ts'

const counted = eventType('sample.counted', 1, z.strictObject({ count: z.int(), text: z.string().optional() }))
const types = eventTypes([counted])
const ids = systemIds()

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const event = (tenant: TenantId, subject: string, sequence: number, data: unknown = { count: sequence }): NewEvent => ({
  type: 'sample.counted',
  version: 1,
  tenant,
  subject,
  sequence,
  at: 1_763_700_000_000_000 + sequence,
  data,
})
const append = (tenant: TenantId, events: NewEvent[], isTrusted = false) =>
  fresh.db.tenant(tenant, tx => appendEvents(tx, events, { ids, types, isTrusted }))
const stream = (tenant: TenantId, subject: string) => fresh.db.tenant(tenant, tx => readStream(tx, subject))

test('events of many streams are appended at once and read back as they were', async () => {
  const tenant = freshTenant()
  const written = await append(tenant, [event(tenant, 'b', 1), event(tenant, 'a', 1), event(tenant, 'b', 2)])
  expect(await stream(tenant, 'b')).toMatchObject([written[0]!, written[2]!])
  expect(await fresh.db.tenant(tenant, tx => streamHead(tx, 'b'))).toBe(2)
  expect(await fresh.db.tenant(tenant, tx => streamHead(tx, 'none'))).toBe(0)
})

describe('a stream that has moved on is a conflict that names it', () => {
  test.each([
    [
      'a new stream that exists',
      [
        ['b', 1],
        ['kept', 1],
      ],
    ],
    ['a sequence behind', [['kept', 2]]],
    ['a sequence ahead', [['kept', 4]]],
    [
      'a stream that does not exist',
      [
        ['kept', 3],
        ['missing', 2],
      ],
    ],
  ] as const)('%s', async (_, attempted) => {
    const tenant = freshTenant()
    await append(tenant, [event(tenant, 'kept', 1), event(tenant, 'kept', 2)])
    const subject = attempted.at(-1)![0]
    await expect(
      append(
        tenant,
        attempted.map(([name, sequence]) => event(tenant, name, sequence)),
      ),
    ).rejects.toMatchObject({
      code: 'event.conflict',
      details: { subject },
    })
    expect(await stream(tenant, 'kept')).toHaveLength(2)
  })
})

test('of concurrent writers of one stream exactly one succeeds', async () => {
  const tenant = freshTenant()
  await append(tenant, [event(tenant, 'x', 1)])
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => append(tenant, [event(tenant, 'x', 2)])))
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
})

test('writers of the same streams in opposite order do not deadlock', async () => {
  const tenant = freshTenant()
  const names = Array.from({ length: 20 }, (_, i) => `s${i}`)
  await append(
    tenant,
    names.map(name => event(tenant, name, 1)),
  )
  const [a, b] = await Promise.allSettled([
    append(
      tenant,
      names.map(name => event(tenant, name, 2)),
    ),
    append(
      tenant,
      names.toReversed().map(name => event(tenant, name, 2)),
    ),
  ])
  expect([a.status, b.status].sort()).toEqual(['fulfilled', 'rejected'])
})

test('unknown types and data that does not fit are refused, also what JSON cannot hold', async () => {
  const tenant = freshTenant()
  await expect(append(tenant, [event(tenant, 'x', 1, { count: 'one' })])).rejects.toMatchObject({
    code: 'request.invalid',
    details: { faults: [{ field: 'data.count' }] },
  })
  await expect(append(tenant, [{ ...event(tenant, 'x', 1), type: 'sample.unheard' }], true)).rejects.toThrow(
    /no known event/,
  )
  await expect(append(tenant, [event(tenant, 'x', 1, { count: 1, text: 'a\u0000b' })])).rejects.toMatchObject({
    code: 'request.invalid',
  })
})

test('a page goes forwards and backwards, by types, and shows one tenant only', async () => {
  const tenant = freshTenant()
  await append(
    tenant,
    [1, 2, 3, 4].map(sequence => event(tenant, 'x', sequence)),
  )
  await append(freshTenant(), [])
  const page = (options: Parameters<typeof readEvents>[1]) =>
    fresh.db.tenant(tenant, tx => readEvents(tx, options)).then(rows => rows.map(row => row.sequence))
  expect(await page({ limit: 2 })).toEqual([1, 2])
  expect(await page({ order: 'newest first', limit: 2 })).toEqual([4, 3])
  expect(await page({ types: ['other'] })).toEqual([])
  expect(await fresh.db.tenant(freshTenant(), tx => readEvents(tx))).toEqual([])
})

test('SC-92 the application can neither change nor delete an event', async () => {
  const client = new Client({ connectionString: roleUrl(fresh.ownerUrl, 'bourse_app') })
  await client.connect()
  await expect(client.query("UPDATE event SET type = 'x'")).rejects.toThrow(/permission denied/)
  await expect(client.query('DELETE FROM event')).rejects.toThrow(/permission denied/)
  await expect(client.query('TRUNCATE event')).rejects.toThrow(/permission denied/)
  await client.end()
})

test('SC-56 the dispatcher reads events across tenants and can touch nothing else', async () => {
  await append(freshTenant(), [])
  const client = new Client({ connectionString: roleUrl(fresh.ownerUrl, 'dispatcher') })
  await client.connect()
  expect((await client.query('SELECT count(DISTINCT tenant_id) > 1 AS many FROM event')).rows).toEqual([{ many: true }])
  for (const statement of [
    'INSERT INTO event SELECT * FROM event',
    'SELECT * FROM event_stream',
    'DELETE FROM dead_letter',
  ])
    await expect(client.query(statement)).rejects.toThrow(/permission denied/)
  await client.end()
})

test('months are partitions, and a time outside them is never refused', async () => {
  const tenant = freshTenant()
  await append(tenant, [{ ...event(tenant, 'old', 1), at: 1 }])
  const [row] = await fresh.asOwner("SELECT tableoid::regclass::text AS part FROM event WHERE subject = 'old'")
  expect(row).toEqual({ part: 'event_default' })
  const next = 4_000_000_000_000_000
  await fresh.asOwner('SELECT event_partitions_ahead($1, 1)', [next])
  await fresh.asOwner('SELECT event_partitions_ahead($1, 1)', [1])
  await append(tenant, [{ ...event(tenant, 'new', 1), at: next }])
  const [late] = await fresh.asOwner("SELECT tableoid::regclass::text AS part FROM event WHERE subject = 'new'")
  expect(late).toEqual({ part: 'event_2096_10' })
})
