import { expect, test } from 'vitest'
import { silentLog } from '../platform/index.ts'
import { eventually, freshDatabase, manualTime } from '../platform/testing.ts'
import { placeHold } from './holds.ts'
import { startLedgerJobs } from './jobs.ts'
import { NOON, newBooks } from './testing.ts'
import { verify } from './verify.ts'

test('in the background holds end in time and journals are sealed, until it is cancelled', async () => {
  const fresh = await freshDatabase()
  const books = await newBooks(fresh, 'jobs')
  const { tenant, ids } = books
  const [alice, held] = [await books.open('client_wallet', 'alice'), await books.open('client_held', 'alice')]
  await books.deposit(alice, 100)
  const place = (key: string, expiresAt: number) => {
    const wish = { key, at: NOON, account: alice, held, asset: 'USD', amount: 40n, expiresAt }
    return fresh.db.tenant(tenant, tx => placeHold(tx, wish, ids))
  }
  await place('short', NOON + 1)
  await place('long', NOON + 3_600_000_000)
  const time = manualTime(NOON)
  const jobs = startLedgerJobs({ db: fresh.db, tenant, ...time, ids, log: silentLog })
  await eventually(async () => {
    await time.advance(5_000)
    const { unsealed, journals, isSound } = await verify(fresh.db, tenant)
    return isSound && journals === 4 && unsealed === 0
  })
  expect(await books.balances(alice, held)).toEqual([60n, 40n])
  jobs.cancel()
  await time.advance(7_200_000)
  expect(await books.balances(alice, held)).toEqual([60n, 40n])
})
