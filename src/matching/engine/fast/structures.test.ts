import { expect, test } from 'vitest'
import { seededRandom } from '../../../kernel/index.ts'
import { NONE } from './arrays.ts'
import { IdMap } from './id-map.ts'
import { NameIndex } from './name-index.ts'
import { hashOf, NameRecords } from './name-records.ts'
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

test.each([
  ['as they come', (text: string) => hashOf(text)],
  ['that collide', (text: string) => text.length - 14],
])('an index of names holds what a map holds (hashes %s)', (_, hash) => {
  const records = new NameRecords()
  const [ours, theirs] = [new NameIndex(records), new Map<string, number>()]
  for (let n = 0; n < 5_000; n++) {
    const text = `name-${n}-${'x'.repeat(random.below(20))}`
    const record = records.add(text, hash(text))
    records.setNumber(record, 7, n)
    ours.add(record)
    theirs.set(text, n)
    if (theirs.size < 40 && n < 4_000) continue
    const gone = [...theirs.keys()][random.below(theirs.size)]!
    const old = ours.get(gone, hash(gone))
    expect(records.text(old)).toBe(gone)
    expect(records.number(old, 7)).toBe(theirs.get(gone))
    ours.delete(old)
    records.delete(old)
    theirs.delete(gone)
    expect(ours.get(gone, hash(gone))).toBe(NONE)
  }
  for (const [text, n] of theirs) expect(records.number(ours.get(text, hash(text)), 7)).toBe(n)
})

test('names that are longer or other than a client id may be are not kept', () => {
  const records = new NameRecords()
  for (const text of ['x'.repeat(37), 'é']) expect(() => records.add(text, hashOf(text))).toThrow(/client id/)
})
