import { type Instrument, type Lots, lotsOf, type Ticks, type TimeInForce, ticksOf } from '../../kernel/index.ts'
import { decimalOf } from './instruments.ts'

/** Fields of an order as most venues write them, REST and sockets alike. */

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
