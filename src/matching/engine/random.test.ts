import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../kernel/index.ts'
import { CROWD_LIMITS, crowdOf } from './crowd.ts'
import type { Engine } from './engine.ts'
import { createFastEngine } from './fast-engine.ts'
import { createNaiveEngine } from './naive-engine.ts'
import type { SavedEngine, SavedOrder } from './state.ts'
import { ENGINES, linesOf } from './testing.ts'

/** `BOURSE_ENGINE_COMMANDS=100000` does more of it. */
const COMMANDS = Number(process.env.BOURSE_ENGINE_COMMANDS ?? 4_000)
const CHECK_EVERY = 25
const RESTORE_EVERY = 1_000
/** Each happens: there is something to compare. */
const REPORT_KINDS = 11

const totalOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)

/** What holds after every command, whatever it was. */
function expectSound(state: SavedEngine): void {
  const held = new Map<string, number>()
  const holdOf = (order: SavedOrder, asset: number) => {
    const key = `${order.account} ${asset}`
    held.set(key, (held.get(key) ?? 0) + order.hold)
  }
  for (const { bids, asks, buyStops, sellStops, base, quote, phase } of state.markets) {
    for (const order of [...bids, ...buyStops]) holdOf(order, quote)
    for (const order of [...asks, ...sellStops]) holdOf(order, base)
    for (const order of [...bids, ...asks]) {
      expect(order.visible).toBeGreaterThan(0)
      expect(order.visible).toBeLessThanOrEqual(order.open)
      expect(order.open).toBeLessThanOrEqual(order.quantity)
    }
    if ((phase === 'trading' || phase === 'closed') && bids.length > 0 && asks.length > 0)
      expect(bids[0]!.price).toBeLessThan(asks[0]!.price)
    for (const [worse, better] of [
      [asks.slice(1), asks],
      [bids, bids.slice(1)],
    ] as const)
      for (let i = 0; i < bids.length && i < worse.length && i < better.length; i++)
        expect(worse[i]!.price).toBeGreaterThanOrEqual(better[i]!.price)
  }
  for (const [asset, { total, fees }] of state.assets.entries()) {
    const balances = state.accounts.flatMap((account, number) =>
      account.balances.filter(balance => balance.asset === asset).map(balance => ({ ...balance, number })),
    )
    expect(totalOf(balances.map(({ available, held }) => available + held)) + fees).toBe(total)
    for (const { available, held: holding, number } of balances) {
      expect(available).toBeGreaterThanOrEqual(0)
      expect(holding).toBe(held.get(`${number} ${asset}`) ?? 0)
    }
  }
}

const stateOf = (engine: Engine) => engine.state() as SavedEngine

describe('whatever comes, both engines', () => {
  test.each([1, 2, 3, 4, 5])('tell the same, are the same and stay sound (seed %i)', seed => {
    const crowd = crowdOf(seededRandom(seed))
    let [naive, fast] = [createNaiveEngine(CROWD_LIMITS), createFastEngine(CROWD_LIMITS)]
    const [told, toldFast] = [linesOf(), linesOf()]
    const kinds = new Set<string>()
    for (let i = 0; i < COMMANDS; i++) {
      const command = crowd.opening[i] ?? crowd.next()
      naive.apply(command, told.sink)
      fast.apply(command, toldFast.sink)
      const lines = told.take()
      expect(toldFast.take(), JSON.stringify(command)).toEqual(lines)
      for (const line of lines) kinds.add(line.slice(0, line.indexOf(' ')))
      if (i % CHECK_EVERY !== 0) continue
      const state = stateOf(naive)
      expect(JSON.stringify(stateOf(fast))).toBe(JSON.stringify(state))
      expectSound(state)
      if (i % RESTORE_EVERY !== 0) continue
      const text = JSON.stringify(state)
      naive = ENGINES[0]!.restore(CROWD_LIMITS, JSON.parse(text))
      fast = ENGINES.at(-1)!.restore(CROWD_LIMITS, JSON.parse(text))
      expect(JSON.stringify(fast.state())).toBe(text)
    }
    expect(kinds.size).toBe(REPORT_KINDS)
  })
})
