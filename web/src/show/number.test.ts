import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rescale, textOf } from './decimal.ts'
import { formatNumber, fromTyped } from './number.ts'

describe('numbers as they are shown', () => {
  test('keeps the decimals of the text, groups the integer and never rounds on its own', () => {
    expect(formatNumber('67234.50')).toBe('67,234.50')
    expect(formatNumber('1234567')).toBe('1,234,567')
    expect(formatNumber('0.00000012345678901234')).toBe('0.00000012345678901234')
  })

  test('fills up and rounds to the decimals of a step', () => {
    expect(formatNumber('0.5', { decimals: 4 })).toBe('0.5000')
    expect(formatNumber('0.52345', { decimals: 4 })).toBe('0.5235')
  })

  test('writes a real minus, and a plus where the sign matters; zero has neither', () => {
    expect(formatNumber('-12.5')).toBe('\u221212.5')
    expect(formatNumber('12.5', { sign: 'always' })).toBe('+12.5')
    expect(formatNumber('0.00', { sign: 'always' })).toBe('0.00')
    expect(formatNumber('-0.001', { decimals: 2 })).toBe('0.00')
  })

  test('the short way and the exact way agree', () => {
    const digits = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
    fc.assert(
      fc.property(digits, fc.nat(8), fc.nat(8), (n, scale, more) => {
        const text = textOf({ digits: n, scale })
        const exact = textOf(rescale({ digits: n, scale }, scale + more))
        expect(formatNumber(text, { decimals: scale + more, group: false }).replace('\u2212', '-')).toBe(exact)
      }),
    )
  })

  test('a fraction in percent', () => {
    expect(formatNumber('0.0123', { percent: true, decimals: 2, sign: 'always' })).toBe('+1.23%')
    expect(formatNumber('-1', { percent: true, decimals: 2 })).toBe('\u2212100.00%')
    expect(formatNumber('0.5', { percent: true, decimals: 0 })).toBe('50%')
  })

  test('what is not known is a dash, and zero is not', () => {
    for (const value of [null, undefined, '', 'abc', Number.NaN]) expect(formatNumber(value)).toBe('—')
    expect(formatNumber('0', { decimals: 2 })).toBe('0.00')
  })

  test('Persian digits and separators by choice', () => {
    expect(formatNumber('-1234.5', { digits: 'persian' })).toBe('\u2212۱٬۲۳۴٫۵')
    expect(formatNumber('0.0123', { percent: true, decimals: 2, digits: 'persian' })).toBe('۱٫۲۳٪')
  })

  test('reads what people type in any digits', () => {
    expect(fromTyped(' ۱۲٬۳۴۵٫۶۷ ')).toBe('12345.67')
    expect(fromTyped('١٢٣')).toBe('123')
    expect(fromTyped('1,234.5')).toBe('1234.5')
    expect(fromTyped('\u22125')).toBe('-5')
  })
})
