import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Conflator, PENDING_MAX } from './conflate.ts'

const updatesOf = (conflator: Conflator, topic: string, nowMs = 0): readonly unknown[] =>
  conflator.take(nowMs).find(entry => entry.topic === topic)?.updates ?? []

describe('what the worker holds back', () => {
  test('of a book only the latest is passed on', () => {
    const conflator = new Conflator()
    for (let sequence = 1; sequence <= 100; sequence++) conflator.update('book:paper:XRP/USD', { sequence }, sequence)
    expect(updatesOf(conflator, 'book:paper:XRP/USD')).toEqual([{ sequence: 100 }])
  })

  test('of the ticker the latest of each instrument', () => {
    const conflator = new Conflator()
    conflator.update(
      'ticker',
      [
        { instrument: 'a', last: '1' },
        { instrument: 'b', last: '1' },
      ],
      1,
    )
    conflator.update('ticker', { instrument: 'a', last: '2' }, 2)
    expect(updatesOf(conflator, 'ticker')).toEqual([
      { instrument: 'a', last: '2' },
      { instrument: 'b', last: '1' },
    ])
  })

  test('no order, fill, trade or event is ever left out, whatever arrives when', () => {
    const topics = ['orders', 'fills', 'events', 'trades:x', 'equity', 'book:x', 'positions']
    fc.assert(
      fc.property(
        fc.array(fc.record({ topic: fc.constantFrom(...topics), gapMs: fc.nat(40), take: fc.boolean() })),
        steps => {
          const conflator = new Conflator()
          const sent = new Map<string, number[]>()
          const got = new Map<string, unknown[]>()
          const collect = (nowMs: number): void => {
            for (const { topic, updates } of conflator.take(nowMs))
              got.set(topic, [...(got.get(topic) ?? []), ...updates])
          }
          let nowMs = 0
          steps.forEach(({ topic, gapMs, take }, n) => {
            nowMs += gapMs
            conflator.update(topic, n, n)
            sent.set(topic, [...(sent.get(topic) ?? []), n])
            if (take) collect(nowMs)
          })
          for (nowMs += 10_000; conflator.waiting; nowMs++) collect(nowMs)
          for (const [topic, numbers] of sent) {
            if (topic === 'book:x' || topic === 'positions') expect(got.get(topic)?.at(-1)).toBe(numbers.at(-1))
            else expect(got.get(topic)).toEqual(numbers)
          }
        },
      ),
    )
  })

  test('a book comes at most 20 times a second and orders at once', () => {
    const conflator = new Conflator()
    conflator.update('book:x', 1, 1)
    expect(updatesOf(conflator, 'book:x', 0)).toEqual([1])
    conflator.update('book:x', 2, 2)
    conflator.update('orders', 'o', 2)
    expect(conflator.take(49).map(entry => entry.topic)).toEqual(['orders'])
    expect(conflator.waiting).toBe(true)
    expect(updatesOf(conflator, 'book:x', 50)).toEqual([2])
  })

  test('no frame gets more than two of what is paced, and every topic has its turn', () => {
    const conflator = new Conflator()
    const topics = ['book:x', 'trades:x', 'candles:x:1m', 'ticker']
    const deliveries = new Map(topics.map(topic => [topic, 0]))
    for (let nowMs = 0; nowMs < 1_600; nowMs += 16) {
      for (const topic of topics) conflator.update(topic, { instrument: 'x', openAt: 0 }, nowMs)
      const taken = conflator.take(nowMs)
      expect(taken.length).toBeLessThanOrEqual(2)
      for (const { topic } of taken) deliveries.set(topic, deliveries.get(topic)! + 1)
    }
    expect(deliveries.get('book:x')).toBeGreaterThanOrEqual(24)
    for (const topic of topics) expect(deliveries.get(topic), topic).toBeGreaterThanOrEqual(7)
  })

  test('a page that cannot keep up gets 5 a second', () => {
    const conflator = new Conflator()
    conflator.setSlow(true)
    conflator.update('book:x', 1, 1)
    conflator.take(0)
    conflator.update('book:x', 2, 2)
    expect(conflator.take(199)).toEqual([])
    expect(updatesOf(conflator, 'book:x', 200)).toEqual([2])
  })

  test('a snapshot forgets what was held before it and is passed on at once', () => {
    const conflator = new Conflator()
    conflator.update('orders', 'old', 1)
    conflator.snapshot('orders', ['a'], 2)
    conflator.update('orders', 'b', 3)
    expect(conflator.take(0)).toEqual([{ topic: 'orders', snapshot: { data: ['a'] }, updates: ['b'], at: 3 }])
  })

  test('past its bound it says so, and tells how much is forgotten', () => {
    const conflator = new Conflator()
    let accepted = true
    for (let n = 0; n <= PENDING_MAX; n++) accepted = conflator.update('events', n, n)
    expect(accepted).toBe(false)
    expect(conflator.forget('events')).toBe(PENDING_MAX + 1)
    expect(conflator.waiting).toBe(false)
  })
})
