import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { eventType, ManualClock, type NewEvent, type TenantId, type Timers } from '../../kernel/index.ts'
import { roleUrl } from '../database/roles.ts'
import { silentLog } from '../log/log.ts'
import { systemIds } from '../system.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant } from '../testing.ts'
import { appendEvents } from './append.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import type { Subscription } from './subscription.ts'
import { eventTypes, type StoredEvent } from './types.ts'

const types = eventTypes([eventType('sample.counted', 1, z.any()), eventType('sample.rare', 1, z.any())])
const ids = systemIds()
/** Time passes at once: backoff is asked for, not slept. */
const instant: Timers & { waits: number[] } = {
  waits: [],
  after(delayMs, run) {
    instant.waits.push(delayMs)
    queueMicrotask(run)
    return { cancel() {} }
  },
  every: () => ({ cancel() {} }),
}

let fresh: FreshDatabase
let open: Dispatcher[]
beforeEach(async () => {
  fresh = await freshDatabase()
  open = []
  await fresh.asOwner('CREATE TABLE done (text text); GRANT INSERT, SELECT ON done TO bourse_app')
})
afterEach(() => Promise.all(open.map(dispatcher => dispatcher.stop())))

const dispatch = (...subscriptions: Subscription[]) => {
  const dispatcher = createDispatcher({
    db: fresh.db,
    url: roleUrl(fresh.ownerUrl, 'dispatcher'),
    subscriptions,
    timers: instant,
    clock: new ManualClock(1),
    log: silentLog,
  })
  open.push(dispatcher)
  return dispatcher
}

const sequences = new Map<string, number>()
const append = (tenant: TenantId, count: number, type = 'sample.counted') =>
  fresh.db.tenant(tenant, tx => {
    const events = Array.from({ length: count }, (): NewEvent => {
      const sequence = (sequences.get(tenant) ?? 0) + 1
      sequences.set(tenant, sequence)
      return { type, version: 1, tenant, subject: 's', sequence, at: sequence, data: { sequence } }
    })
    return appendEvents(tx, events, { ids, types })
  })

/** The line below the oldest transaction waits for other databases of the same server too. */
const drained = (dispatcher: Dispatcher, claim: () => boolean) =>
  eventually(async () => {
    await dispatcher.drain()
    return claim()
  })

const collector = (name = 'collect', extra: Partial<Subscription> = {}) => {
  const seen: StoredEvent[] = []
  const subscription: Subscription = { name, handle: async event => void seen.push(event), ...extra } as Subscription
  return { seen, subscription }
}

test('every event of every tenant comes once, in order, over restarts', async () => {
  const [a, b] = [freshTenant(), freshTenant()]
  const { seen, subscription } = collector()
  await append(a, 3)
  await append(b, 2)
  const first = dispatch(subscription)
  await drained(first, () => seen.length === 5)
  await first.stop()
  await append(a, 1)
  await drained(dispatch(subscription), () => seen.length === 6)
  expect(seen.map(event => [event.tenant, event.sequence])).toEqual([
    [a, 1],
    [a, 2],
    [a, 3],
    [b, 1],
    [b, 2],
    [a, 4],
  ])
})

test('an event committed late by an earlier transaction is not passed over', async () => {
  const tenant = freshTenant()
  const { seen, subscription } = collector()
  const dispatcher = dispatch(subscription)
  let finish = () => {}
  let begun = () => {}
  const isBegun = new Promise<void>(resolve => {
    begun = resolve
  })
  const slow = fresh.db.tenant(tenant, async tx => {
    await appendEvents(
      tx,
      [{ type: 'sample.counted', version: 1, tenant, subject: 'slow', sequence: 1, at: 1, data: {} }],
      { ids, types },
    )
    begun()
    await new Promise<void>(resolve => {
      finish = resolve
    })
  })
  await isBegun
  await append(tenant, 1)
  expect(await dispatcher.drain()).toBe(0)
  finish()
  await slow
  await drained(dispatcher, () => seen.length === 2)
  expect(seen.map(event => event.subject)).toEqual(['slow', 's'])
})

test('the work and the checkpoint are one transaction: a failing handler leaves nothing, and its work is done once', async () => {
  const tenant = freshTenant()
  let failures = 2
  await append(tenant, 3)
  const dispatcher = dispatch({
    name: 'work',
    async handle(event, tx) {
      await sql`INSERT INTO done VALUES (${String(event.sequence)})`.execute(tx)
      if (event.sequence === 2 && failures-- > 0) throw new Error('not yet')
    },
  })
  await drained(dispatcher, () => failures < 0)
  expect(await fresh.asOwner('SELECT text FROM done')).toEqual([{ text: '1' }, { text: '2' }, { text: '3' }])
})

test('an event that cannot be handled is set aside after a bound, the rest goes on, and it can be replayed', async () => {
  const tenant = freshTenant()
  const seen: number[] = []
  let isBroken = true
  await append(tenant, 3)
  const dispatcher = dispatch({
    name: 'fragile',
    async handle(event) {
      if (event.sequence === 2 && isBroken) throw new Error('broken')
      seen.push(event.sequence)
    },
  })
  instant.waits.length = 0
  await drained(dispatcher, () => seen.includes(3))
  expect(instant.waits).toEqual([100, 200, 400, 800])
  const [letter] = await dispatcher.deadLetters()
  expect(letter).toMatchObject({ subscription: 'fragile', tenant_id: tenant, attempts: 5, error: 'Error: broken' })
  expect(await dispatcher.status()).toMatchObject({ deadLetters: 1 })
  await expect(dispatcher.replayDeadLetter('fragile', letter!.position)).rejects.toThrow('broken')
  isBroken = false
  await dispatcher.replayDeadLetter('fragile', letter!.position)
  expect(seen.at(-1)).toBe(2)
  expect(await dispatcher.deadLetters()).toEqual([])
})

test('a subscription replays from the beginning or from any place', async () => {
  const { seen, subscription } = collector()
  await append(freshTenant(), 3)
  const dispatcher = dispatch(subscription)
  await drained(dispatcher, () => seen.length === 3)
  await dispatcher.replay('collect')
  await drained(dispatcher, () => seen.length === 6)
  await dispatcher.replay('collect', { xid: seen[0]!.xid, position: seen[0]!.position })
  await drained(dispatcher, () => seen.length === 8)
})

test('types that are not asked for never come, and are not searched again', async () => {
  const tenant = freshTenant()
  const { seen, subscription } = collector('rare', { types: ['sample.rare'] })
  await append(tenant, 1_500)
  await append(tenant, 1, 'sample.rare')
  const dispatcher = dispatch(subscription)
  await drained(dispatcher, () => seen.length === 1)
  expect(seen.map(event => event.type)).toEqual(['sample.rare'])
})

test('two dispatchers of one subscription share the work: each event is handled once', async () => {
  const tenant = freshTenant()
  await append(tenant, 500)
  const work: Subscription = {
    name: 'shared',
    handle: async (event, tx) => void (await sql`INSERT INTO done VALUES (${String(event.sequence)})`.execute(tx)),
  }
  const [one, two] = [dispatch(work), dispatch(work)]
  await eventually(async () => {
    await Promise.all([one.drain(), two.drain()])
    const [row] = await fresh.asOwner<{ n: number }>('SELECT count(*)::int4 AS n FROM done')
    return row!.n >= 500
  })
  const [row] = await fresh.asOwner('SELECT count(*)::int4 AS n, count(DISTINCT text)::int4 AS distinct FROM done')
  expect(row).toEqual({ n: 500, distinct: 500 })
})

test('a feed gets batches; a live one starts at the end and keeps no checkpoint', async () => {
  const tenant = freshTenant()
  await append(tenant, 10)
  // The end is the line below the oldest transaction, of whatever database of the server: they are to be behind it.
  await eventually(async () => {
    const [row] = await fresh.asOwner<{ isBehind: boolean }>(
      'SELECT max(xid) < pg_snapshot_xmin(pg_current_snapshot()) AS "isBehind" FROM event',
    )
    return row!.isBehind
  })
  const batches: number[] = []
  const live: number[] = []
  const dispatcher = dispatch(
    { name: 'feed', feed: events => void batches.push(events.length) },
    { name: 'live', live: true, feed: events => void live.push(events.length) },
  )
  await dispatcher.start()
  await drained(dispatcher, () => batches.length > 0)
  expect(batches).toEqual([10])
  expect(live).toEqual([])
  await append(tenant, 2)
  await drained(dispatcher, () => live.length > 0)
  expect(live).toEqual([2])
  expect(await fresh.asOwner('SELECT name FROM subscription_checkpoint')).toEqual([{ name: 'feed' }])
})

test('a database outage is waited out, never dead-lettered', async () => {
  const tenant = freshTenant()
  await append(tenant, 1)
  let isCut = true
  let handled = 0
  const dispatcher = dispatch({
    name: 'cut',
    async handle(_event, tx) {
      if (isCut) {
        isCut = false
        const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
        await fresh.asOwner('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid])
        await sql`SELECT 1`.execute(tx)
      }
      handled++
    },
  })
  await eventually(async () => {
    await dispatcher.drain().catch(() => {})
    return handled === 1
  })
  expect(await dispatcher.deadLetters()).toEqual([])
})
