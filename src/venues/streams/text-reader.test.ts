import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineInstrument, readSteps, readStepsDown } from '../../kernel/index.ts'
import { L2Book } from '../../market/index.ts'
import { TextReader, WatchedBook } from './index.ts'

const reader = new TextReader()
const scale = fc.nat(12)
const step = fc.constantFrom(1, 1, 5, 100)

test('what it reads as a decimal is what the kernel reads', () => {
  const decimal = fc.string({ unit: fc.constantFrom('0', '1', '9', '5', '.', '-'), maxLength: 22 })
  fc.assert(
    fc.property(decimal, scale, step, (text, digits, by) => {
      for (const [isDown, oracle] of [
        [false, readSteps],
        [true, readStepsDown],
      ] as const) {
        reader.open(`${text}"`)
        const steps = reader.steps(digits, by, isDown)
        // It stops where the decimal ends; only a text that is one to its end is comparable.
        if (reader.skip('"')) expect(steps).toBe(oracle(text, digits, by))
        else expect(oracle(text, digits, by)).toBeNaN()
      }
    }),
    { numRuns: 3_000 },
  )
})

describe('levels', () => {
  const instrument = defineInstrument({ venue: 'okx', pair: 'XRP/USDT', tick: '0.01', lot: '0.1' })
  const read = (text: string) => {
    const watched = new WatchedBook(instrument, 'x', new L2Book())
    watched.book.begin()
    reader.open(text)
    const isRead = reader.levels(watched, 'buy')
    watched.book.commit(1, 1)
    return { isRead, rest: reader.rest, bids: watched.book.levels(9).bids, staleness: watched.book.staleness }
  }

  test('are those that JSON gives', () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 999 }), fc.boolean())
    fc.assert(
      fc.property(fc.uniqueArray(row, { maxLength: 9, selector: one => one[0] }), rows => {
        const levels = rows.map(([price, quantity, isLong]) => [
          `${Math.floor(price / 100)}.${String(price % 100).padStart(2, '0')}`,
          `${Math.floor(quantity / 10)}.${quantity % 10}`,
          ...(isLong ? ['0', '4'] : []),
        ])
        const { isRead, rest, bids } = read(`${JSON.stringify(levels)},"more"`)
        expect([isRead, rest]).toEqual([true, ',"more"'])
        expect(bids).toEqual(rows.map(([price, quantity]) => [price, quantity]).sort((a, b) => b[0]! - a[0]!))
      }),
    )
  })

  test.each([
    '',
    '[',
    '{}',
    '[1]',
    '[["1","2"]',
    '[["1","2"],',
    '[["1e5","2"]]',
    '[["1"]]',
    '[[1,2]]',
    '[ ["1","2"]]',
    '[["1","2"',
  ])('%s is left to JSON', text => expect(read(text).isRead).toBe(false))

  test('off the tick is unreadable', () => {
    expect(read('[["1.005","2"]]')).toMatchObject({ isRead: true, staleness: 'unreadable' })
  })
})
