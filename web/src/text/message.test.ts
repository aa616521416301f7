import { describe, expect, test } from 'vitest'
import { compose, parseMessage, type Values } from './message.ts'

const say = (source: string, values: Values<string> = {}, locale = 'en'): string =>
  compose<string>(parseMessage(source), values, locale, String).join('')

describe('messages', () => {
  test('values stand where they are named', () => {
    expect(say('from {a} to {b}', { a: 'x', b: 2 })).toBe('from x to 2')
    expect(say('nothing of {a}')).toBe('nothing of ')
  })

  test('plurals follow the language, exact numbers come first', () => {
    const source = '{n, plural, =0 {none} one {# order} other {# orders}}'
    expect([0, 1, 2].map(n => say(source, { n }))).toEqual(['none', '1 order', '2 orders'])
    expect(say('{n, plural, one {# x} other {# y}}', { n: 0 }, 'fa')).toBe('0 x')
  })

  test('choices nest', () => {
    const source = '{side, select, buy {bought {n, plural, one {one} other {# of them}}} other {did nothing}}'
    expect(say(source, { side: 'buy', n: 3 })).toBe('bought 3 of them')
    expect(say(source, { side: '?', n: 3 })).toBe('did nothing')
  })

  test('parts that are no texts stay apart', () => {
    const parts = compose<{ part: 1 }>(parseMessage('a {x} b'), { x: { part: 1 } }, 'en', String)
    expect(parts).toEqual(['a ', { part: 1 }, ' b'])
  })

  test('what is malformed is refused', () => {
    for (const bad of ['{', '{a', '{n, plural, one {x}}', '{n, money}', '{n, plural, other x}'])
      expect(() => parseMessage(bad)).toThrow()
  })
})
