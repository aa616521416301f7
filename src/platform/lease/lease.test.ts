import { expect, test } from 'vitest'
import type { TenantId } from '../../kernel/index.ts'
import { roleUrl } from '../database/roles.ts'
import { type DatabaseSession, openSession } from '../database/session.ts'
import { silentLog } from '../log/log.ts'
import { systemTimers } from '../system.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../testing.ts'
import { acquireLease, type Lease } from './lease.ts'

const NAME = 'exchange/0'

async function world() {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const open = () => openSession({ url: roleUrl(fresh.ownerUrl, 'bourse_app'), tenant, name: 'lease', log: silentLog })
  return { fresh, tenant, open }
}

const acquire = (session: DatabaseSession, tenant: TenantId, owner: string, timers = systemTimers()) =>
  acquireLease({ session, tenant, name: NAME, owner, timers })

/** What a writer with this epoch would be allowed to write. */
const mayWrite = async (session: DatabaseSession, epoch: number): Promise<boolean> => {
  const { count } = await session.query('SELECT 1 FROM lease WHERE name = $1 AND epoch = $2 FOR KEY SHARE', [
    NAME,
    epoch,
  ])
  return count === 1
}

const ownerOf = async (fresh: FreshDatabase) =>
  fresh.asOwner<{ owner: string; epoch: string }>('SELECT owner, epoch FROM lease')

test('one owns it, the other waits, and has it as soon as it is given up, with the next epoch', async () => {
  const { fresh, tenant, open } = await world()
  const [one, two] = [await open(), await open()]
  const first = (await acquire(one, tenant, 'one')) as Lease
  let second: Lease | null = null
  const waiting = acquire(two, tenant, 'two').then(lease => {
    second = lease
  })
  expect([first.epoch, second]).toEqual([1, null])
  await first.release()
  await waiting
  expect(second!.epoch).toBe(2)
  expect(await ownerOf(fresh)).toEqual([{ owner: 'two', epoch: '2' }])
  expect([await mayWrite(one, 1), await mayWrite(two, 2)]).toEqual([false, true])
  await Promise.all([one.close(), two.close()])
})

test('it ends with the session that holds it', async () => {
  const { fresh, tenant, open } = await world()
  const [one, two] = [await open(), await open()]
  const first = (await acquire(one, tenant, 'one')) as Lease
  const lost: string[] = []
  first.onLost = reason => lost.push(reason)
  const waiting = acquire(two, tenant, 'two')
  await fresh.asOwner('SELECT pg_terminate_backend($1)', [one.backend])
  expect((await waiting)!.epoch).toBe(2)
  await eventually(() => lost.length > 0)
  expect(lost).toEqual(['the session with the database was lost'])
  await two.close()
})

test('an owner that stands still is overtaken, and what it writes on waking is not written', async () => {
  const { fresh, tenant, open } = await world()
  const [one, two, late] = [await open(), await open(), await open()]
  // Its timers never fire: it renews nothing, as a process that was stopped.
  const first = (await acquire(one, tenant, 'one', manualTime().timers)) as Lease
  await fresh.asOwner(`UPDATE lease SET renewed_at = clock_timestamp() - interval '3 seconds'`)
  const second = await acquire(two, tenant, 'two')
  expect(second!.epoch).toBe(2)
  expect(await mayWrite(late, first.epoch)).toBe(false)
  await expect(one.query('SELECT 1')).rejects.toMatchObject({ code: 'database.unavailable' })
  await Promise.all([two.close(), late.close()])
})

test('an owner that renews is not overtaken, however long it owns', async () => {
  const { fresh, tenant, open } = await world()
  const [one, two] = [await open(), await open()]
  const time = manualTime()
  const first = (await acquire(one, tenant, 'one', time.timers)) as Lease
  await fresh.asOwner(`UPDATE lease SET renewed_at = clock_timestamp() - interval '3 seconds'`)
  await time.advance(500)
  await eventually(async () => {
    const [row] = await fresh.asOwner<{ fresh: boolean }>(
      `SELECT renewed_at > clock_timestamp() - interval '1 second' AS fresh FROM lease`,
    )
    return row!.fresh
  })
  let isStopping = false
  const waiting = acquireLease({
    session: two,
    tenant,
    name: NAME,
    owner: 'two',
    timers: systemTimers(),
    isStopping: () => isStopping,
  })
  isStopping = true
  expect(await waiting).toBeNull()
  expect(await mayWrite(one, first.epoch)).toBe(true)
  await Promise.all([one.close(), two.close()])
})

test('one that somebody else has taken is told so at the next renewal', async () => {
  const { fresh, tenant, open } = await world()
  const one = await open()
  const time = manualTime()
  const first = (await acquire(one, tenant, 'one', time.timers)) as Lease
  const lost: string[] = []
  first.onLost = reason => lost.push(reason)
  await fresh.asOwner('UPDATE lease SET epoch = epoch + 1')
  await time.advance(500)
  await eventually(() => lost.length > 0)
  expect(lost).toEqual(['somebody else owns it now'])
  await one.close()
})
