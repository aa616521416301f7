import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/kernel/index.ts'
import { createDatabase, migrate, roleUrl, silentLog, startPostgres } from '../../src/platform/index.ts'
import { eventually, freshTenant } from '../../src/platform/testing.ts'
import { buildExchangeChild, openExchangeWorld, wallMs } from './exchange-world.ts'

/**
 * PostgreSQL itself is killed under load, `EXCHANGE_DATABASE_KILLS` times, and what keeps it starts it again. The exchange is
 * one process all the while.
 */
const { EXCHANGE_DATABASE_KILLS = '2', EXCHANGE_SEED = '1' } = process.env
const KILLS = Number(EXCHANGE_DATABASE_KILLS)
/** One that ends sooner than five seconds after its start is taken for one that cannot start. */
const LIVED_MS = 5_200

beforeAll(buildExchangeChild)

/** A PostgreSQL of the test's own, as durable as in production. */
async function openPostgres() {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-exchange-'))
  const postgres = await startPostgres({ dataDir, log: silentLog })
  await migrate(postgres.url)
  const db = createDatabase({ url: roleUrl(postgres.url, 'bourse_app'), connectionsMax: 2, log: silentLog })
  const pidFile = join(dataDir, 'postgres/postmaster.pid')
  const ask = async <Row>(sql: string): Promise<Row[]> => {
    const client = new Client({ connectionString: postgres.url })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  return {
    db,
    ownerUrl: postgres.url,
    asOwner: ask,
    ageMs: () => Date.now() - statSync(pidFile).ctimeMs,
    /** Kills its first process, as a failure of memory or an impatient person would. */
    async kill() {
      const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
      process.kill(pid, 'SIGKILL')
      await eventually(async () => {
        await db.ping()
        return Number.parseInt(readFileSync(pidFile, 'utf8'), 10) !== pid
      })
    },
    async close() {
      await db.close()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

test(`its database killed ${KILLS} times under load, the exchange owns again by itself and has lost nothing (seed ${EXCHANGE_SEED})`, async () => {
  const random = seededRandom(`exchange/database/${EXCHANGE_SEED}`)
  const postgres = await openPostgres()
  const world = await openExchangeWorld(postgres, { tenant: freshTenant(), seed: `database/${EXCHANGE_SEED}` })
  const outages: number[] = []
  try {
    const life = world.start()
    for (let i = 0; i < KILLS; i++) {
      await life.acknowledges(1 + random.below(300))
      await life.until(() => postgres.ageMs() > LIVED_MS)
      const killedAt = wallMs()
      const up = postgres.kill()
      await life.until(() => life.acknowledged.at(-1)!.t > killedAt + 100)
      await up
      const after = life.acknowledged.filter(({ t }) => t > killedAt - 100).map(({ t }) => t)
      outages.push(Math.max(...after.slice(1).map((t, j) => t - after[j]!)))
      expect(await world.differences(), life.complaints).toEqual([])
    }
    // One at the end is made in any case; another is to be made on the way, however long that takes here.
    while ((await world.snapshots()) === 0) await life.acknowledges(50)
    await life.acknowledges(100)
    life.signal('SIGTERM')
    expect(await life.ended()).toBe('ended')
    expect(await world.finalDifferences(), life.complaints).toEqual([])
    outages.sort((a, b) => a - b)
    process.stdout.write(
      `${KILLS} kills, ${world.acknowledgements()} acknowledgements, without an answer for ${outages.map(Math.round).join(', ')} ms\n`,
    )
  } finally {
    await world.close()
    await postgres.close()
  }
}, 3_600_000)
