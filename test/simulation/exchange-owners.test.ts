import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/kernel/index.ts'
import { freshDatabase, freshTenant } from '../../src/platform/testing.ts'
import { buildExchangeChild, type Life, openExchangeWorld } from './exchange-world.ts'

/**
 * Two processes on one shard. In each of `EXCHANGE_ROUNDS` the one that owns it is killed, stopped in order, or frozen until
 * it has been overtaken and then woken. The times are told; the goals are a second after a kill and 50 ms in order.
 */
const { EXCHANGE_ROUNDS = '4', EXCHANGE_SEED = '1' } = process.env
const ROUNDS = Number(EXCHANGE_ROUNDS)
const WAYS = ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const

beforeAll(buildExchangeChild)

/** When a process was first answered after a moment. */
const firstAfter = ({ told }: Life, at: number): number | undefined =>
  told.find(one => (one.what === 'acknowledged' || one.what === 'owning') && one.t > at)?.['t' as never]

test(`two owners in turn, ${ROUNDS} rounds: one writes at a time and nothing is lost (seed ${EXCHANGE_SEED})`, async () => {
  const random = seededRandom(`exchange/owners/${EXCHANGE_SEED}`)
  const fresh = await freshDatabase()
  const world = await openExchangeWorld(fresh, { tenant: freshTenant(), seed: `owners/${EXCHANGE_SEED}` })
  const epochs = () => fresh.asOwner('SELECT epoch, max(last) FROM exchange_journal GROUP BY epoch ORDER BY epoch')
  const times: Record<(typeof WAYS)[number], number[]> = { SIGKILL: [], SIGTERM: [], SIGSTOP: [] }
  const rounds: string[] = []
  try {
    let owner = world.start()
    await owner.acknowledges(1)
    for (let i = 0; i < ROUNDS; i++) {
      const way = i < WAYS.length ? WAYS[i]! : WAYS[random.below(WAYS.length)]!
      const count = 1 + random.below(200)
      rounds.push(`${way} after ${count}`)
      let standby = world.lives.find(life => life !== owner && !life.isOver)
      standby ??= world.start()
      const next = standby
      await next.until(() => next.told.some(({ what }) => what === 'following'))
      await owner.acknowledges(count)
      const at = owner.signal(way)
      await next.until(() => firstAfter(next, at))
      times[way].push(firstAfter(next, at)! - at)
      if (way === 'SIGSTOP') {
        const before = await epochs()
        const said = owner.complaints.length
        owner.signal('SIGCONT')
        await owner.until(() => owner.complaints.slice(said).includes('owned no more'))
        expect(owner.complaints.slice(said)).toMatch(/exchange\.lease_lost|database\.unavailable/)
        // Nothing was written in an epoch that was over.
        expect((await epochs()).slice(0, before.length - 1)).toEqual(before.slice(0, -1))
      } else expect(await owner.ended()).toBe(way === 'SIGKILL' ? 'killed' : 'ended')
      // The whole journal each time: it grows, so not in every one of many rounds.
      if (i % 10 < 4) expect(await world.differences(), rounds.join('\n')).toEqual([])
      owner = next
    }
    for (const life of world.lives) if (life !== owner) life.signal('SIGTERM')
    await Promise.all(world.lives.filter(life => life !== owner).map(life => life.ended()))
    await owner.acknowledges(50)
    await owner.until(world.snapshots)
    owner.signal('SIGTERM')
    expect(await owner.ended()).toBe('ended')
    expect(await world.finalDifferences(), rounds.join('\n')).toEqual([])
    for (const [way, all] of Object.entries(times)) {
      all.sort((a, b) => a - b)
      const text =
        all.length === 0 ? 'none' : `median ${all[all.length >> 1]!.toFixed(0)}, longest ${all.at(-1)!.toFixed(0)} ms`
      process.stdout.write(`${way}: ${all.length} rounds, first acknowledgement of the next owner after ${text}\n`)
    }
  } finally {
    await world.close()
  }
}, 3_600_000)
