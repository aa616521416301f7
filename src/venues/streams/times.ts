import type { Micros } from '../../kernel/index.ts'

const FRACTION = /\.(\d+)/

/**
 * Microseconds of a time as RFC 3339 writes it, up to nanoseconds, which are cut; NaN when it is none.
 * @example microsOfIso('2023-09-25T07:49:37.708706Z')
 */
export function microsOfIso(text: string): Micros {
  const wholeMs = Date.parse(text)
  const fraction = FRACTION.exec(text)?.[1] ?? ''
  return Math.floor(wholeMs / 1_000) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
}

/** Microseconds of milliseconds, given as a number or in text. */
export const microsOfMs = (ms: number | string): Micros => Number(ms) * 1_000

/** Microseconds of nanoseconds in text, which are more than a number holds. */
export const microsOfNanos = (text: string): Micros => Number(text.slice(0, -3))
