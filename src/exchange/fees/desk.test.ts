import { expect, test } from 'vitest'
import { AppError, type TenantId } from '../../kernel/index.ts'
import { silentLog } from '../../platform/index.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../../platform/testing.ts'
import { ABC, ABC_USD, LIMITS, limit, NAIVE, openMarket, SCALES } from '../fake.ts'
import { listMarket, setPhase } from '../operating.ts'
import { readJournal } from '../shard/journal.ts'
import type { Shards } from '../shards.ts'
import { verifyExchange } from '../verify.ts'
import { FeeDesk } from './desk.ts'

const DAY_MS = 86_400_000
/** Some minutes after a midnight, so that a day is the next one. */
const MORNING = Math.floor(1_763_700_000_000_000 / (DAY_MS * 1_000)) * DAY_MS * 1_000 + 600_000_000
const TIERS = [
  { volume: '0', makerRate: '0.001', takerRate: '0.002' },
  { volume: '1000', makerRate: '0.0008', takerRate: '0.0015' },
  { volume: '100000', makerRate: '0', takerRate: '0.001' },
]

async function open() {
  const time = manualTime(MORNING)
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const { exchange, shards } = await openMarket(fresh, tenant, time.clock)
  const desk = () =>
    new FeeDesk({
      tenant,
      db: fresh.db,
      shards,
      limits: LIMITS,
      clock: time.clock,
      timers: time.timers,
      log: silentLog,
    })
  return { time, fresh, tenant, exchange, shards, desk }
}

/** Who was given which rates, in the order of the journal. */
async function rateCommands({ db }: FreshDatabase, tenant: TenantId, shards: Shards): Promise<string[]> {
  const commands: string[] = []
  for await (const batch of readJournal(db, { tenant, shard: 0 }, 0))
    for (const command of batch)
      if (command.kind === 'set_fees')
        commands.push(
          `${shards.parts[0]!.shard.replica.owners[command.account]} ${command.makerPpm} ${command.takerPpm}`,
        )
  return commands
}

test('rates follow the volume of thirty days, by one command where they change, and by none after a restart', async () => {
  const { time, fresh, tenant, exchange, shards, desk } = await open()
  const journal = () => rateCommands(fresh, tenant, shards)
  const first = desk()
  await first.start()
  await first.setTiers('operator', TIERS)
  expect(await journal()).toEqual([])
  await exchange.place('alice', limit('sell', '10.00', '150'))
  await exchange.place('bob', limit('buy', '10.00', '150'))
  await exchange.move(0, 'carol', 'USD', 1_000_000, 1)
  await exchange.orders('alice', {})
  const midnight = MORNING - 600_000_000
  expect(await first.feesOf('alice')).toEqual({
    makerRate: '0.001000',
    takerRate: '0.002000',
    volume: '0.000000',
    volumeAsset: 'USD',
    since: midnight - 30 * DAY_MS * 1_000,
    until: midnight,
    next: { volume: '1000.000000', makerRate: '0.000800', takerRate: '0.001500' },
  })

  await time.advance(DAY_MS)
  await eventually(async () => (await journal()).length === 2)
  expect((await journal()).sort()).toEqual(['alice 800 1500', 'bob 800 1500'])
  expect(await first.feesOf('bob')).toMatchObject({
    makerRate: '0.000800',
    volume: '1500.000000',
    next: { volume: '100000.000000', makerRate: '0.000000', takerRate: '0.001000' },
  })
  expect(await first.feesOf('carol')).toMatchObject({ takerRate: '0.002000', volume: '0.000000' })
  await first.stop()

  const second = desk()
  await second.start()
  expect(second.tiers().length).toBe(3)
  expect((await journal()).length).toBe(2)
  const { fills } = await exchange.place('bob', limit('sell', '9.00', '1'))
  expect(fills).toEqual([])
  const taking = await exchange.place('alice', limit('buy', '9.00', '1'))
  // 0.15 % of nine dollars.
  expect(taking.fills[0]!.fee).toBe('0.013500')

  // The last day on which the first trade counts, and the one after it; then the second is what counts, and is not enough.
  await time.advance(29 * DAY_MS)
  await second.setTiers('operator', TIERS)
  expect((await journal()).length).toBe(2)
  await time.advance(DAY_MS)
  await eventually(async () => (await journal()).length === 4)
  expect((await journal()).slice(2).sort()).toEqual(['alice 1000 2000', 'bob 1000 2000'])
  await second.stop()
  await shards.stop()
  const [verdict] = await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS })
  expect(verdict!.differences).toEqual([])
})

test('fills of pairs with another quote do not count', async () => {
  const { time, exchange, shards, desk } = await open()
  await listMarket(shards, 0, { ...ABC_USD, pair: 'ABC/EUR' }, SCALES)
  await setPhase(shards, 'house:ABC/EUR', 'trading')
  await exchange.move(0, 'bob', 'EUR', 1_000_000_000, 3)
  const other = { instrument: 'house:ABC/EUR' }
  await exchange.place('alice', { ...limit('sell', '10.00', '50'), ...other })
  await exchange.place('bob', { ...limit('buy', '10.00', '50'), ...other })
  await exchange.place('alice', limit('sell', '10.00', '2.5'))
  await exchange.place('bob', limit('buy', '10.00', '2.5'))
  await time.advance(DAY_MS)
  const fees = desk()
  await fees.start()
  expect(await fees.feesOf('bob')).toMatchObject({ volume: '25.000000', next: null })
  await fees.stop()
  await shards.stop()
})

test('rates come before anything else of an account; where there was no room for them, after the next batch', async () => {
  const { fresh, tenant, exchange, shards, desk } = await open()
  const fees = desk()
  await fees.start()
  await fees.setTiers('operator', [{ volume: '0', makerRate: '0.0005', takerRate: '0.0006' }])
  await Promise.all(['carol', 'dave'].map(owner => exchange.move(0, owner, 'USD', 100_000_000, 1)))
  const submit = shards.submit.bind(shards)
  let isFull = true
  shards.submit = (part, command) =>
    isFull && command.kind === 'set_fees' ? Promise.reject(new AppError('exchange.busy')) : submit(part, command)
  await exchange.move(0, 'erin', 'USD', 100_000_000, 1)
  await exchange.move(0, 'erin', 'USD', 100_000_000, 2)
  const { replica } = shards.parts[0]!.shard
  expect(replica.ratesOf('erin').takerPpm).toBe(LIMITS.takerPpm)
  isFull = false
  await exchange.move(0, 'erin', 'USD', 100_000_000, 3)
  await exchange.move(0, 'erin', 'USD', 100_000_000, 4)
  expect(replica.ratesOf('erin').takerPpm).toBe(600)
  const kinds = new Map<string, string[]>()
  for await (const batch of readJournal(fresh.db, { tenant, shard: 0 }, 0))
    for (const command of batch)
      if ('account' in command) {
        const owner = replica.owners[command.account]!
        kinds.set(owner, [...(kinds.get(owner) ?? []), command.kind])
      }
  expect(kinds.get('carol')).toEqual(['add_account', 'set_fees', 'deposit'])
  expect(kinds.get('dave')).toEqual(['add_account', 'set_fees', 'deposit'])
  expect(kinds.get('erin')!.filter(kind => kind === 'set_fees').length).toBe(1)
  await fees.stop()
  await shards.stop()
})

test('a new schedule counts at once, and for an account before it has traded', async () => {
  const { fresh, tenant, exchange, shards, desk } = await open()
  const fees = desk()
  await fees.start()
  const base = [{ volume: '0', makerRate: '0.0005', takerRate: '0.0006' }]
  expect(await fees.setTiers('operator', base)).toEqual([
    { volume: '0.000000', makerRate: '0.000500', takerRate: '0.000600' },
  ])
  expect(await fees.feesOf('carol')).toMatchObject({ makerRate: '0.000500', takerRate: '0.000600' })
  await exchange.move(0, 'carol', 'USD', 100_000_000, 1)
  expect(await rateCommands(fresh, tenant, shards)).toEqual(['alice 500 600', 'bob 500 600', 'carol 500 600'])
  await exchange.place('alice', limit('sell', '10.00', '1'))
  const { fills } = await exchange.place('carol', { ...limit('buy', '10.00', '1'), instrument: ABC })
  expect(fills[0]!.fee).toBe('0.006000')
  await expect(fees.setTiers('operator', [])).rejects.toMatchObject({ code: 'request.invalid' })
  expect(fees.tiers()[0]!.makerRate).toBe('0.000500')
  await shards.stop()
  // Whoever owns no shard any more sets nothing, and does not fail.
  await fees.setTiers('operator', TIERS)
  expect(fees.tiers().length).toBe(3)
  await fees.stop()
})
