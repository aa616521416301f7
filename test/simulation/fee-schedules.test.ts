import { describe, expect, test } from 'vitest'
import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { VENUES, type VenueName } from '../../src/venues/index.ts'
import { busy } from './busy-strategy.ts'
import { VenueWorld } from './venue-world.ts'

const names = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(name => VENUES[name] !== undefined)

/** A world that trades, and what its reconciliation has found of fees. */
async function open(name: VenueName, seed: string) {
  const world = new VenueWorld({ seed: `fees/${name}/${seed}`, venues: [name], strategy: busy })
  await world.start()
  const trade = async (seconds: number) => {
    const before = world.disk.facts.length
    for (let second = 0; second < seconds; second++) await world.pass(1_000)
    expect(world.disk.facts.length).toBeGreaterThan(before + 5)
    await world.settle(world.life.reconcilers.get(name)!.run('request'))
  }
  return {
    world,
    trade,
    simulator: world.simulators.get(name)!,
    found: () => [...world.disk.discrepancies.values()].filter(one => one.classification === 'fee_differs'),
    schedules: () => [...world.disk.fees.values()].map(({ makerPpm, takerPpm }) => [makerPpm, takerPpm]),
  }
}

describe.each(names)('%s', name => {
  test('charges what it lists until it does not: each such fill is told once, and nothing is corrected', async () => {
    const { world, trade, simulator, found, schedules } = await open(name, 'surcharge')
    await trade(40)
    expect([found(), schedules()]).toMatchObject([[], [[expect.any(Number), expect.any(Number)]]])
    const before = new Set(simulator.exchange.fills.map(({ id }) => id))
    simulator.exchange.surchargePpm = 300
    await trade(40)
    await trade(10)
    const [first] = found()
    expect(first).toMatchObject({ kind: 'fill', action: 'escalated', venue: name, settledAt: null })
    for (const { subject } of found()) expect(before).not.toContain(subject.split('/').at(-1))
    expect(new Set(found().map(({ subject }) => subject)).size).toBe(found().length)
    expect(schedules()).toHaveLength(1)
    world.kill()
  })
})

test('a schedule that changes with what is charged is written down with its date, and nothing differs', async () => {
  const { world, trade, simulator, found, schedules } = await open('kraken', 'change')
  const listed = simulator.exchange.market.instruments.find(({ instrument }) => instrument.base === 'XRP')! as {
    takerPpm: number
    makerPpm: number
  }
  const { takerPpm, makerPpm } = listed
  await trade(30)
  listed.takerPpm = takerPpm + 500
  await trade(40)
  listed.takerPpm = takerPpm
  expect(schedules()).toEqual([
    [makerPpm, takerPpm],
    [makerPpm, takerPpm + 500],
  ])
  const [old, fresh] = [...world.disk.fees.values()]
  expect(fresh!.from).toBeGreaterThan(old!.until)
  expect(found()).toEqual([])
  world.kill()
})
