import { expect, test } from 'vitest'
import { seededRandom } from '../../../kernel/index.ts'
import { NONE } from './arrays.ts'
import { IdMap } from './id-map.ts'
import { PriceTree } from './price-tree.ts'

/** The parts of the fast engine that plain collections can tell the truth about. */

const random = seededRandom('structures')

test.each([
  ['dense', () => 1 + random.below(200)],
  ['sparse', () => 1 + random.below(Number.MAX_SAFE_INTEGER)],
  ['both', () => 1 + random.below(2 ** (1 + random.below(53)) - 1)],
])('a price tree finds a level and its neighbours (%s prices)', (_, priceOf) => {
  const tree = new PriceTree()
  const levels = new Map<number, number>()
  const prices: number[] = []
  for (let i = 0; i < 3_000; i++) {
    const price =
      prices.length > 100 || random.below(3) === 0 ? (prices[random.below(prices.length + 1)] ?? 1) : priceOf()
    if (levels.has(price)) {
      tree.delete(price)
      levels.delete(price)
      prices.splice(prices.indexOf(price), 1)
      expect(tree.get(price)).toBe(NONE)
      continue
    }
    tree.set(price, i)
    levels.set(price, i)
    prices.push(price)
    const sorted = [...prices].sort((a, b) => a - b)
    const place = sorted.indexOf(price)
    expect(tree.get(price)).toBe(i)
    expect(tree.above(price)).toBe(levels.get(sorted[place + 1]!) ?? NONE)
    expect(tree.below(price)).toBe(levels.get(sorted[place - 1]!) ?? NONE)
  }
})

test('an id map holds what a map holds', () => {
  const [ours, theirs] = [new IdMap(), new Map<number, number>()]
  for (let id = 1; id < 40_000; id++) {
    const number = id * (id % 3 === 0 ? 2 ** 33 + 1 : 1)
    ours.set(number, id)
    theirs.set(number, id)
    if (random.below(3) === 0) continue
    const gone = theirs.keys().next().value!
    ours.delete(gone)
    theirs.delete(gone)
    expect(ours.get(gone)).toBe(NONE)
  }
  for (const [id, slot] of theirs) expect(ours.get(id)).toBe(slot)
})
