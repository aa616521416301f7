import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/kernel/index.ts'
import { roleUrl } from '../../src/platform/index.ts'
import { type FreshDatabase, freshDatabase } from '../../src/platform/testing.ts'
import { livingInputs, testSetup } from './market-fixture.ts'

const KILLS = 50
const SOURCE = fileURLToPath(new URL('crash-child.ts', import.meta.url))
/** Bundled once, so that fifty lives do not pay for fifty compilations. */
const CHILD = fileURLToPath(new URL('../../.cache/test/crash-child.mjs', import.meta.url))
const MARKET = fileURLToPath(new URL('../../.cache/test/crash-market.bin', import.meta.url))
const seed = Number(process.env.BOURSE_SEED ?? 2)

let whole: FreshDatabase
let broken: FreshDatabase
beforeAll(async () => {
  mkdirSync(dirname(MARKET), { recursive: true })
  // The same market for every life, made once.
  writeFileSync(MARKET, serialize(livingInputs(seed)))
  await build({
    entryPoints: [SOURCE],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  ;[whole, broken] = await Promise.all([freshDatabase(), freshDatabase()])
})

/** Runs the child to its end or its death. */
const child = (db: FreshDatabase, plan: string): Promise<'ended' | 'killed'> =>
  new Promise((resolve, reject) => {
    const node = spawn(process.execPath, [CHILD, roleUrl(db.ownerUrl, 'bourse_app'), String(seed), MARKET, plan], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    node.stderr.on('data', text => {
      complaint = (complaint + text).slice(-4_000)
    })
    node.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed')
      else if (code === 0) resolve('ended')
      else reject(new Error(`the child ended with ${code}: ${complaint}`))
    })
  })

/** What must hold at any moment, whatever was interrupted; every query gives the rows that break the rule. */
const INVARIANTS: Record<string, string> = {
  'an order has filled what its fills add up to': `
    SELECT o.id FROM orders o LEFT JOIN fill f ON f.tenant_id = o.tenant_id AND f.order_id = o.id
    GROUP BY o.tenant_id, o.id, o.filled HAVING o.filled <> coalesce(sum(f.quantity), 0)`,
  'a run holds what its fills add up to': `
    SELECT r.id FROM run r LEFT JOIN fill f ON f.tenant_id = r.tenant_id AND f.run_id = r.id
    GROUP BY r.tenant_id, r.id, r.quantity, r.fees, r.fills
    HAVING r.quantity <> coalesce(sum(CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END), 0)
      OR r.fees <> coalesce(sum(f.fee), 0) OR r.fills <> count(f.id)`,
  'an order stands where its events left it': `
    SELECT o.id FROM orders o JOIN event e ON e.tenant_id = o.tenant_id AND e.subject = 'order/' || o.id
    GROUP BY o.id, o.sequence HAVING o.sequence <> max(e.sequence) OR count(*) <> max(e.sequence)`,
  'every order with events has its row': `
    SELECT e.subject FROM event e LEFT JOIN orders o ON 'order/' || o.id = e.subject
    WHERE e.subject LIKE 'order/%' AND o.id IS NULL`,
  'a closed run of states ends an order once': `
    SELECT subject FROM event WHERE type IN ('order.filled', 'order.denied', 'order.rejected')
    GROUP BY subject HAVING count(*) > 1`,
}

const EVERY_RULE = Object.entries(INVARIANTS)
  .map(([rule, sql]) => `SELECT '${rule}' AS rule WHERE EXISTS (${sql})`)
  .join(' UNION ALL ')

/** The rules that do not hold now. */
const broke = async (db: FreshDatabase): Promise<string[]> =>
  (await db.asOwner<{ rule: string }>(EVERY_RULE)).map(({ rule }) => rule)

const books = async (db: FreshDatabase) => ({
  orders: await db.asOwner('SELECT * FROM orders ORDER BY created_at, id'),
  fills: await db.asOwner('SELECT * FROM fill ORDER BY at, order_id, id'),
  run: await db.asOwner('SELECT id, status, quantity, cost, realised, fees, fills FROM run'),
  events: await db.asOwner(
    `SELECT subject, sequence, type, at, data FROM event WHERE subject LIKE 'order/%' ORDER BY subject, sequence`,
  ),
})

test(`killed ${KILLS} times at random points, the books stay consistent and end as if nothing had happened (seed ${seed})`, async () => {
  expect(await child(whole, 'never')).toBe('ended')
  const expected = await books(whole)
  expect(expected.fills.length).toBeGreaterThan(20)

  const random = seededRandom(`kills/${seed}`)
  // So that fifty lives reach about to the end of the market, each dies after about a fiftieth of it.
  const stride = Math.ceil(livingInputs(seed).length / KILLS)
  const deaths: string[] = []
  for (let i = 0; i < KILLS; i++) {
    const kind = ['input', 'input', 'before', 'after'][random.below(4)]!
    const plan = kind === 'input' ? `input:${1 + random.below(stride)}` : `${kind}:${1 + random.below(2)}:${stride}`
    deaths.push(`${plan} ${await child(broken, plan)}`)
    expect(await broke(broken), deaths.join('\n')).toEqual([])
  }
  expect(deaths.filter(death => death.endsWith('killed')).length).toBe(KILLS)
  expect(await child(broken, 'never')).toBe('ended')
  expect(await books(broken)).toEqual(expected)
  expect(expected.run[0]).toMatchObject({ id: testSetup(seed).id })
}, 240_000)
