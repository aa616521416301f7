import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Random, restoreRandom, seededRandom } from './index.ts'

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next())
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('seeded randomness', () => {
  test('the same seed gives the same numbers, another seed others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(draw(seededRandom(a), 20)).toEqual(draw(seededRandom(a), 20))
        if (a !== b) expect(draw(seededRandom(a), 20)).not.toEqual(draw(seededRandom(b), 20))
      }),
    )
  })

  test('it goes on from its state as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), (seed, count) => {
        const random = seededRandom(seed)
        draw(random, count)
        random.normal()
        const restored = restoreRandom(JSON.parse(JSON.stringify(random.state())))
        expect([restored.normal(), ...draw(restored, 20)]).toEqual([random.normal(), ...draw(random, 20)])
      }),
    )
  })

  test('a fork depends on its label and not on what was drawn', () => {
    const random = seededRandom('seed')
    const before = draw(random.fork('a'), 5)
    draw(random, 10)
    expect(draw(random.fork('a'), 5)).toEqual(before)
    expect(draw(random.fork('b'), 5)).not.toEqual(before)
  })

  test('numbers stay in their range', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1_000_000 }), (seed, bound) => {
        const random = seededRandom(seed)
        for (let i = 0; i < 50; i++) {
          const [next, below, exponential] = [random.next(), random.below(bound), random.exponential()]
          expect(
            next >= 0 && next < 1 && below >= 0 && below < bound && Number.isInteger(below) && exponential >= 0,
          ).toBe(true)
        }
      }),
    )
    expect(() => seededRandom('x').below(0)).toThrow('positive')
  })

  test('moments are right', () => {
    const random = seededRandom('moments')
    const normals = Array.from({ length: 200_000 }, () => random.normal())
    expect(mean(normals)).toBeCloseTo(0, 1)
    expect(mean(normals.map(value => value ** 2))).toBeCloseTo(1, 1)
    expect(mean(normals.map(value => value ** 4))).toBeCloseTo(3, 0)
    expect(mean(Array.from({ length: 200_000 }, () => random.exponential()))).toBeCloseTo(1, 1)
    expect(mean(draw(random, 200_000))).toBeCloseTo(0.5, 2)
  })
})
