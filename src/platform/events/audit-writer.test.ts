import { expect, test } from 'vitest'
import { ManualClock, type Timers } from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import { silentLog } from '../log/log.ts'
import { systemIds } from '../system.ts'
import { freshDatabase, freshTenant } from '../testing.ts'
import type { AuditEntry } from './audit-recorded.ts'
import { createAuditWriter } from './audit-writer.ts'
import { readEvents } from './read.ts'

const never: Timers = { after: () => ({ cancel() {} }), every: () => ({ cancel() {} }) }
const entry = (tenant = freshTenant(), action = 'order.place'): AuditEntry => ({
  tenant,
  at: 1,
  who: { id: 'p', name: 'Ada', kind: 'person' },
  action,
  where: { address: '127.0.0.1', route: 'POST /v1/orders', requestId: 'r' },
  outcome: 'denied',
  reason: 'permission.denied',
})
const writerOver = (db: Database, waitingMax?: number) =>
  createAuditWriter({ db, ids: systemIds(), clock: new ManualClock(7), timers: never, log: silentLog, waitingMax })

test('SC-90 records become events of their tenants, in order', async () => {
  const { db } = await freshDatabase()
  const [a, b] = [freshTenant(), freshTenant()]
  const writer = writerOver(db)
  writer.record(entry(a, 'one'))
  writer.record(entry(b, 'two'))
  writer.record(entry(a, 'three'))
  await writer.close()
  const events = await db.tenant(a, tx => readEvents(tx))
  expect(events.map(event => [event.type, (event.data as AuditEntry).action])).toEqual([
    ['audit.recorded', 'one'],
    ['audit.recorded', 'three'],
  ])
})

test('while the database is away records wait up to the bound, then their number is kept and told', async () => {
  const { db } = await freshDatabase()
  let isAway = true
  const flaky = {
    ...db,
    tenant: (...args: Parameters<Database['tenant']>) =>
      isAway ? Promise.reject(new Error('away')) : db.tenant(...args),
  } as Database
  const writer = writerOver(flaky, 2)
  const tenant = freshTenant()
  for (let i = 0; i < 5; i++) writer.record(entry(tenant))
  expect(await writer.flush()).toBe(false)
  expect(writer.waiting()).toBe(2)
  isAway = false
  await writer.flush()
  expect(await db.tenant(tenant, tx => readEvents(tx))).toHaveLength(2)
  const [lost] = await db.platform(tx => readEvents(tx))
  expect(lost).toMatchObject({ type: 'audit.lost', data: { count: 3 } })
})
