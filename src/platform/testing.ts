import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, inject } from 'vitest'
import { ManualClock, MICROS_PER_MS, type Micros, type TenantId, type Timer, type Timers } from '../kernel/index.ts'
import { createDatabase, type Database } from './database/database.ts'
import { roleUrl } from './database/roles.ts'
import { silentLog } from './log/log.ts'
import { systemIds } from './system.ts'

/** For tests only: real PostgreSQL, a fresh database for each test file, and waiting without sleeping. */

declare module 'vitest' {
  interface ProvidedContext {
    /** The owner's URL of the PostgreSQL that `test/global-setup.ts` started. */
    postgresUrl: string
  }
}

/** Name of the database that is migrated once a run; every test file gets a copy of it. */
const TEMPLATE = 'bourse_template'

export interface FreshDatabase {
  readonly db: Database
  /** The owner's URL: bypasses row-level security, for looking behind the scenes and for the dispatcher's set-up. */
  readonly ownerUrl: string
  /** One statement as the owner. */
  asOwner<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

const urlOf = (server: string, database: string): string => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function withClient<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

/**
 * A copy of the migrated template, dropped after the test file.
 * @example const { db } = await freshDatabase()
 */
export async function freshDatabase(options: { connectionsMax?: number } = {}): Promise<FreshDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await withClient(server, client => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`))
  const ownerUrl = urlOf(server, name)
  const db = createDatabase({
    url: roleUrl(ownerUrl, 'bourse_app'),
    connectionsMax: options.connectionsMax ?? 5,
    log: silentLog,
  })
  const fresh: FreshDatabase = {
    db,
    ownerUrl,
    asOwner: (sql, values) => withClient(ownerUrl, async client => (await client.query(sql, values)).rows),
    async close() {
      await db.close()
      await withClient(server, client => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
  afterAll(() => fresh.close())
  return fresh
}

/** An id that no other test uses. */
export const freshTenant = (): TenantId => systemIds().next() as TenantId

/**
 * Waits until `claim` is true or gives something. Its bound is generous, so that a slow machine does not fail a right test.
 */
export async function eventually<T>(claim: () => T | Promise<T>, boundMs = 20_000): Promise<NonNullable<T>> {
  const pollMs = 10
  let last: unknown
  for (let waited = 0; waited <= boundMs; waited += pollMs) {
    try {
      const value = await claim()
      if (value) return value
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  throw new Error(`not true within ${boundMs} ms`, { cause: last })
}

export interface ManualTime {
  readonly clock: ManualClock
  readonly timers: Timers
  /** Moves the clock, running on the way what is due, in order. */
  advance(ms: number): Promise<void>
}

/** A clock and timers that only move when told to. */
export function manualTime(start: Micros = 1_763_700_000_000_000): ManualTime {
  const clock = new ManualClock(start)
  let waits: { at: Micros; run: () => void }[] = []
  const after: Timers['after'] = (delayMs, run): Timer => {
    // The clock counts whole microseconds, as the real one does.
    const wait = { at: clock.now() + Math.round(delayMs * MICROS_PER_MS), run }
    waits.push(wait)
    return {
      cancel() {
        waits = waits.filter(entry => entry !== wait)
      },
    }
  }
  const every: Timers['every'] = (periodMs, run): Timer => {
    let isCancelled = false
    let current: Timer
    const next = () => {
      current = after(periodMs, async () => {
        await run()
        if (!isCancelled) next()
      })
    }
    next()
    return {
      cancel() {
        isCancelled = true
        current.cancel()
      },
    }
  }
  return {
    clock,
    timers: { after, every },
    async advance(ms) {
      const end = clock.now() + Math.round(ms * MICROS_PER_MS)
      for (;;) {
        const due = waits.filter(wait => wait.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        waits = waits.filter(entry => entry !== due)
        clock.set(Math.max(clock.now(), due.at))
        due.run()
        // Lets an `every` settle and set its next wait.
        await new Promise<void>(resolve => setImmediate(resolve))
      }
      clock.set(end)
    },
  }
}
