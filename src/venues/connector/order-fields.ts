import { type Instrument, type Lots, lotsOf, type Ticks, type TimeInForce, ticksOf } from '../../kernel/index.ts'
import { decimalOf } from './instruments.ts'

/** Fields of orders and fills as most venues write them, REST and sockets alike. */

/** A number that has to be there, as a decimal. @throws Error */
export function decimalIn(value: unknown): string {
  const text = decimalOf(value)
  if (text === undefined) throw new Error(`a number is ${value === undefined ? 'missing' : JSON.stringify(value)}`)
  return text
}

/** @throws Error when it is missing or no whole number of lots */
export const lotsIn = (instrument: Instrument, value: unknown): Lots => lotsOf(instrument, decimalIn(value))

/** @throws Error when it is missing or off the tick */
export const ticksIn = (instrument: Instrument, value: unknown): Ticks => ticksOf(instrument, decimalIn(value))

/** Lots of a number that may be left out. */
export const lotsOrZero = (instrument: Instrument, value: unknown): Lots => lotsOf(instrument, decimalOf(value) ?? '0')

/** The limit of an order; null where the venue leaves it out, or writes zero. */
export const limitOrNull = (instrument: Instrument, value: unknown): Ticks | null => {
  const text = decimalOf(value) ?? '0'
  return text === '0' ? null : ticksOf(instrument, text)
}

/** By its three letters, large or small; whatever else it says is good till canceled. */
export const timeInForceOf = (word: string | undefined): TimeInForce => {
  const letters = word?.toLowerCase()
  return letters === 'ioc' || letters === 'fok' ? letters : 'gtc'
}
