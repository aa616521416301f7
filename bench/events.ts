import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { eventType, type NewEvent, type TenantId } from '../src/kernel/index.ts'
import {
  appendEvents,
  createDatabase,
  createDispatcher,
  type Database,
  eventTypes,
  migrate,
  roleUrl,
  type Subscription,
  silentLog,
  startPostgres,
  systemClock,
  systemIds,
  systemTimers,
} from '../src/platform/index.ts'
import type { Figure } from './report.ts'

/**
 * Events, five to a stream, appended in transactions of 500 with schemas checked and the optimistic lock, committed
 * durably, and delivered to a subscription: one that works in the tenant's transaction and moves its checkpoint with it, and
 * one that is given batches. The floor inserts the same rows into the same table by multi-row statements, commits them as
 * durably, and delivers nothing. Three rounds, the median of each.
 */
const EVENTS = 40_000
const BATCH = 500
const ROUNDS = 3
const clock = systemClock()
const ids = systemIds()
const filled = eventType(
  'order.filled',
  1,
  z.strictObject({
    instrument: z.string(),
    side: z.string(),
    price: z.string(),
    quantity: z.string(),
    fee: z.string(),
  }),
)
const types = eventTypes([filled])

export async function run(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-bench-'))
  const postgres = await startPostgres({ dataDir, log: silentLog })
  try {
    await migrate(postgres.url)
    const db = createDatabase({ url: roleUrl(postgres.url, 'bourse_app'), log: silentLog })
    const raw = new pg.Client({ connectionString: postgres.url })
    await raw.connect()
    const rates = { floor: [] as number[], handler: [] as number[], feed: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      rates.floor.push(await rawRate(raw))
      rates.handler.push(await deliveredRate(db, postgres.url, raw, round, 'handler'))
      rates.feed.push(await deliveredRate(db, postgres.url, raw, round, 'feed'))
    }
    await raw.end()
    await db.close()
    const floor = { floor: 'raw multi-row inserts', floorValue: median(rates.floor) }
    return [
      { metric: 'eventsPerSecond', value: median(rates.handler), unit: 'events/s', ratioGoal: 0.5, ...floor },
      { metric: 'feedEventsPerSecond', value: median(rates.feed), unit: 'events/s', ratioGoal: 0.5, ...floor },
    ]
  } finally {
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

function batches(tenant: TenantId): NewEvent[][] {
  const make = (): NewEvent[] =>
    Array.from({ length: BATCH / 5 }, () => `order/${ids.next()}`).flatMap(subject =>
      [1, 2, 3, 4, 5].map(sequence => ({
        type: filled.type,
        version: 1,
        tenant,
        subject,
        sequence,
        at: clock.now(),
        data: { instrument: 'paper:XRP/USD', side: 'buy', price: '2.5012', quantity: '1200.0', fee: '0.30014' },
      })),
    )
  return Array.from({ length: EVENTS / BATCH }, make)
}

const perSecond = (started: number): number => (EVENTS * 1_000) / (performance.now() - started)

async function rawRate(client: pg.Client): Promise<number> {
  const tenant = ids.next() as TenantId
  const all = batches(tenant)
  const started = performance.now()
  for (const batch of all) {
    const values: unknown[] = []
    const rows = batch.map((event, i) => {
      const { type, version, subject, sequence, at, data } = event
      values.push(ids.next(), type, version, tenant, subject, sequence, at, null, null, JSON.stringify(data))
      return `(${Array.from({ length: 10 }, (_, j) => `$${i * 10 + j + 1}`).join(',')})`
    })
    await client.query(
      `INSERT INTO event (id, type, version, tenant_id, subject, sequence, at, cause, trace, data) VALUES ${rows.join(',')}`,
      values,
    )
  }
  return perSecond(started)
}

async function deliveredRate(
  db: Database,
  ownerUrl: string,
  raw: pg.Client,
  round: number,
  kind: 'handler' | 'feed',
): Promise<number> {
  const tenant = ids.next() as TenantId
  const name = `${kind}-${round}`
  let delivered = 0
  let finish = () => {}
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const count = (events: number) => {
    delivered += events
    if (delivered >= EVENTS) finish()
  }
  const subscription: Subscription =
    kind === 'feed'
      ? { name, live: true, feed: events => count(events.length) }
      : { name, handle: async () => count(1) }
  // A new subscription would begin with the past; this one begins now.
  if (kind === 'handler')
    await raw.query('INSERT INTO subscription_checkpoint SELECT $1, pg_snapshot_xmin(pg_current_snapshot()), 0', [name])
  const dispatcher = createDispatcher({
    db,
    url: roleUrl(ownerUrl, 'dispatcher'),
    timers: systemTimers(),
    clock,
    log: silentLog,
    subscriptions: [subscription],
  })
  await dispatcher.start()
  const all = batches(tenant)
  const started = performance.now()
  for (const batch of all) {
    await db.tenant(tenant, tx => appendEvents(tx, batch, { ids, types }))
    dispatcher.kick()
  }
  await finished
  const rate = perSecond(started)
  await dispatcher.stop()
  return rate
}
