import { describe, expect, test } from 'vitest'
import { formatTime, isoOf, zoneLabel } from './time.ts'

const AT = Date.UTC(2026, 10, 20, 11, 32, 58, 123) * 1_000

describe('times', () => {
  test('UTC, ISO-like', () => {
    expect(formatTime(AT, { zone: 'utc', calendar: 'gregorian' })).toBe('2026-11-20 11:32:58')
    expect(formatTime(AT, { zone: 'utc', calendar: 'gregorian', precision: 'milliseconds' })).toBe(
      '2026-11-20 11:32:58.123',
    )
    expect(formatTime(AT, { zone: 'utc', calendar: 'gregorian', precision: 'minutes', timeOnly: true })).toBe('11:32')
    expect(isoOf(AT)).toBe('2026-11-20T11:32:58.123Z')
  })

  test('the Jalali calendar', () => {
    expect(formatTime(AT, { zone: 'utc', calendar: 'jalali' })).toBe('1405/08/29 11:32:58')
  })

  test('every zone has a label', () => {
    expect(zoneLabel('utc', AT)).toBe('UTC')
    expect(zoneLabel('local', AT)).toMatch(/^UTC([+\u2212]\d\d:\d\d)?$/)
  })
})
