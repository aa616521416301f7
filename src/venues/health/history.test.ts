import { beforeAll, expect, test } from 'vitest'
import { silentLog, systemIds } from '../../platform/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../../platform/testing.ts'
import { breakerHistory, keepBreakerHistory } from './history.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const opened = (at: number) => ({ type: 'venue.breaker_opened', at, until: at + 5_000, failures: 3, calls: 4 }) as const

test('what becomes of breakers is kept in order, for its tenant, and goes on after a restart', async () => {
  const tenant = freshTenant()
  const start = () => keepBreakerHistory({ db: fresh.db, tenant, venue: 'kraken', ids: systemIds(), log: silentLog })
  const first = start()
  first.keep('order', opened(1_000))
  first.keep('order', { type: 'venue.breaker_half_opened', at: 6_000 })
  first.keep('order', { type: 'venue.breaker_closed', at: 6_100 })
  await first.settled()
  const second = start()
  second.keep('cancel', opened(9_000))
  await second.settled()
  expect(await fresh.db.tenant(tenant, tx => breakerHistory(tx))).toEqual([
    { venue: 'kraken', kind: 'cancel', ...opened(9_000) },
    { venue: 'kraken', kind: 'order', type: 'venue.breaker_closed', at: 6_100 },
    { venue: 'kraken', kind: 'order', type: 'venue.breaker_half_opened', at: 6_000 },
    { venue: 'kraken', kind: 'order', ...opened(1_000) },
  ])
  expect(await fresh.db.tenant(freshTenant(), tx => breakerHistory(tx))).toEqual([])
})

test('a change that cannot be written is told to the log, and holds up none after it', async () => {
  const told: unknown[] = []
  const log = { ...silentLog, error: (fields: unknown) => void told.push(fields) }
  const tenant = freshTenant()
  const history = keepBreakerHistory({
    db: fresh.db,
    tenant,
    venue: 'kraken',
    ids: systemIds(),
    log: log as typeof silentLog,
  })
  history.keep('order', { ...opened(1_000), failures: -1 })
  history.keep('query', opened(2_000))
  await history.settled()
  expect(told).toHaveLength(1)
  expect(await fresh.db.tenant(tenant, tx => breakerHistory(tx))).toHaveLength(1)
})
