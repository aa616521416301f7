import { isDecimal, type Lots, lotsOf, scaleOf, type Ticks, ticksOf } from '../../../src/kernel/index.ts'
import type { SimulatedInstrument } from './market.ts'

/** What clients have written, read. */

export type Fields = Readonly<Record<string, unknown>>

/** The JSON object of a body or a frame; null where there is none. */
export function jsonObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
  } catch {
    return null
  }
}

/** A field as text, empty where it is left out. */
export const textIn = (fields: Fields, name: string): string => String(fields[name] ?? '')

/** How many a client asks for: from one to `most`, `usual` where it does not say. */
export const countOf = (text: unknown, usual: number, most: number): number =>
  Math.max(1, Math.min(Number(text ?? usual) || usual, most))

/** Lots of a text, or what is wrong with it: it is no decimal, or has more decimals than the instrument. */
export const readLots = <E>({ instrument }: SimulatedInstrument, text: string, wrong: E, tooPrecise: E): Lots | E => {
  if (!isDecimal(text)) return wrong
  return scaleOf(text) > instrument.quantityScale ? tooPrecise : lotsOf(instrument, text)
}

/** The same for a price. */
export const readTicks = <E>({ instrument }: SimulatedInstrument, text: string, wrong: E, tooPrecise: E): Ticks | E => {
  if (!isDecimal(text)) return wrong
  return scaleOf(text) > instrument.priceScale ? tooPrecise : ticksOf(instrument, text)
}
