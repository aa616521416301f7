import { expect, test } from 'vitest'
import { DEMO_TENANT } from '../../src/apps/demo.ts'
import { HOUSE_LIMITS } from '../../src/apps/house.ts'
import { ABC, ABC_USD, openExchange, SCALES } from '../../src/exchange/fake.ts'
import { listMarket, setPhase } from '../../src/exchange/testing.ts'
import { freshDatabase } from '../../src/platform/testing.ts'
import { bourse } from './process.ts'

test('bourse exchange verify says what it compared, and ends with 1 when something differs', async () => {
  const fresh = await freshDatabase()
  const verify = (...args: string[]) => bourse(['exchange', 'verify', ...args], { DATABASE_URL: fresh.ownerUrl })
  expect(verify()).toMatchObject({ code: 0, out: 'The exchange has no journal yet.\n' })

  const { shards } = openExchange(fresh, DEMO_TENANT, 'test', undefined, undefined, HOUSE_LIMITS)
  await shards.start()
  await shards.opened()
  await listMarket(shards, 0, ABC_USD, SCALES)
  await setPhase(shards, ABC, 'trading')
  await shards.written()
  await shards.stop()
  const right = verify()
  expect(right.out).toMatch(/^Shard 0: \d+ commands carried out.*\n {2}Compared: 1 snapshots, 0 orders and 0 fills/)
  expect(right).toMatchObject({ code: 0, out: expect.stringContaining('Nothing differs.') })

  await fresh.asOwner('UPDATE exchange_checkpoint SET sequence = sequence + 1')
  const wrong = verify('--json')
  expect(wrong.code).toBe(1)
  expect(JSON.parse(wrong.out)).toMatchObject({
    differenceCount: 1,
    shards: [{ shard: 0, differences: [expect.stringContaining('history is written up to command')] }],
  })
})
