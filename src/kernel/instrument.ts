import { assert } from './assert.ts'
import { formatDecimal, parseDecimal, powerOfTen } from './decimal.ts'
import { AppError } from './errors.ts'
import type { InstrumentId } from './ids.ts'

/** Prices are whole ticks and quantities whole lots of their instrument: safe integers in hot paths. */
export type Ticks = number
export type Lots = number

/**
 * Something that trades on a venue. `id` is `kraken:XRP/USD`; `pair` is `XRP/USD`.
 * Metadata is versioned: a change of tick, lot or minimum is a new version.
 */
export interface Instrument {
  readonly id: InstrumentId
  readonly venue: string
  readonly pair: string
  /** The venue's own name of it, where that is another one: `XXRPZUSD`. */
  readonly symbol?: string
  readonly base: string
  readonly quote: string
  readonly kind: 'spot' | 'perpetual'
  readonly version: number
  /** Decimals of a price; the tick is `tickSize` units of the last one. */
  readonly priceScale: number
  /** The tick in units of 10^-priceScale, almost always 1. */
  readonly tickSize: number
  /** Decimals of a quantity; the lot is `lotSize` units of the last one. */
  readonly quantityScale: number
  readonly lotSize: number
  /** Smallest order, in lots. */
  readonly quantityMin: Lots
  /** Largest order, in lots. */
  readonly quantityMax: Lots
  /** Smallest price × quantity, as a decimal string in the quote asset. */
  readonly notionalMin: string
  /** Base units in one contract, as a decimal string; '1' for spot. */
  readonly contractSize: string
  /** The asset in which profit is paid; the quote for spot. */
  readonly settlement: string
}

/** What an instrument is made from, in decimals as venues publish them. */
export interface InstrumentSpec {
  venue: string
  pair: string
  symbol?: string
  tick: string
  lot: string
  quantityMin?: string
  quantityMax?: string
  notionalMin?: string
  kind?: 'spot' | 'perpetual'
  version?: number
}

const PAIR = /^([A-Z0-9]{2,12})\/([A-Z0-9]{2,12})$/

const decimalsOf = (text: string): number => {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/**
 * An instrument from its published decimals.
 * @example defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick: '0.0001', lot: '0.1' })
 * @throws AppError `request.invalid` naming the field
 */
export function defineInstrument(spec: InstrumentSpec): Instrument {
  const match = PAIR.exec(spec.pair)
  if (!match) throw new AppError('request.invalid', { field: 'pair', rule: 'looks like XRP/USD' })
  const [, base, quote] = match as unknown as [string, string, string]
  const priceScale = decimalsOf(spec.tick)
  const quantityScale = decimalsOf(spec.lot)
  const tickSize = Number(parseDecimal(spec.tick, priceScale, 'tick'))
  const lotSize = Number(parseDecimal(spec.lot, quantityScale, 'lot'))
  if (tickSize <= 0) throw new AppError('request.invalid', { field: 'tick', rule: 'is above zero' })
  if (lotSize <= 0) throw new AppError('request.invalid', { field: 'lot', rule: 'is above zero' })
  const lots = (text: string, field: string) => Number(parseDecimal(text, quantityScale, field)) / lotSize
  return {
    id: `${spec.venue}:${spec.pair}` as InstrumentId,
    venue: spec.venue,
    pair: spec.pair,
    ...(spec.symbol === undefined ? {} : { symbol: spec.symbol }),
    base,
    quote,
    kind: spec.kind ?? 'spot',
    version: spec.version ?? 1,
    priceScale,
    tickSize,
    quantityScale,
    lotSize,
    quantityMin: spec.quantityMin === undefined ? 1 : lots(spec.quantityMin, 'quantityMin'),
    quantityMax: spec.quantityMax === undefined ? Number.MAX_SAFE_INTEGER : lots(spec.quantityMax, 'quantityMax'),
    notionalMin: spec.notionalMin ?? '0',
    contractSize: '1',
    settlement: quote,
  }
}

/** Price × quantity is kept at this scale of the quote asset, where it is always exact. */
export const notionalScale = (instrument: Instrument): number => instrument.priceScale + instrument.quantityScale

/** Exact price × quantity in units of 10^-notionalScale of the quote asset. */
export const notionalOf = (instrument: Instrument, price: Ticks, quantity: Lots): bigint =>
  BigInt(price) * BigInt(quantity) * BigInt(instrument.tickSize * instrument.lotSize)

/** `'0.5023'` → ticks. @throws AppError `request.invalid` when it is no decimal or off the tick. */
export function ticksOf(instrument: Instrument, price: string, field = 'price'): Ticks {
  const ticks = exactSteps(parseDecimal(price, instrument.priceScale, field), instrument.tickSize)
  if (ticks === undefined)
    throw new AppError('request.invalid', { field, rule: `is a multiple of the tick ${tickText(instrument)}` })
  return ticks
}

/** `'1200'` → lots. @throws AppError `request.invalid` when it is no decimal or off the lot. */
export function lotsOf(instrument: Instrument, quantity: string, field = 'quantity'): Lots {
  const lots = exactSteps(parseDecimal(quantity, instrument.quantityScale, field), instrument.lotSize)
  if (lots === undefined)
    throw new AppError('request.invalid', { field, rule: `is a multiple of the lot ${lotText(instrument)}` })
  return lots
}

function exactSteps(units: bigint, step: number): number | undefined {
  const steps = units / BigInt(step)
  if (steps * BigInt(step) !== units) return undefined
  const number = Number(steps)
  return Number.isSafeInteger(number) ? number : undefined
}

export const priceText = (instrument: Instrument, price: Ticks): string => {
  assert(Number.isSafeInteger(price), `price ${price} is not whole ticks`)
  return formatDecimal(BigInt(price) * BigInt(instrument.tickSize), instrument.priceScale)
}

export const quantityText = (instrument: Instrument, quantity: Lots): string => {
  assert(Number.isSafeInteger(quantity), `quantity ${quantity} is not whole lots`)
  return formatDecimal(BigInt(quantity) * BigInt(instrument.lotSize), instrument.quantityScale)
}

export const tickText = (instrument: Instrument): string => priceText(instrument, 1)
export const lotText = (instrument: Instrument): string => quantityText(instrument, 1)

/** For analytics and charts only: a price or a distance in ticks as a floating point number of the quote asset. */
export const priceFloat = (instrument: Instrument, ticks: number): number =>
  (ticks * instrument.tickSize) / Number(powerOfTen(instrument.priceScale))

/** For analytics and sizing only: lots as a floating point number of the base asset. */
export const quantityFloat = (instrument: Instrument, lots: number): number =>
  (lots * instrument.lotSize) / Number(powerOfTen(instrument.quantityScale))

/** Lots in a floating point number of the base asset, rounded down: for sizing. */
export const lotsFromFloat = (instrument: Instrument, quantity: number): Lots =>
  Math.max(0, Math.floor((quantity * Number(powerOfTen(instrument.quantityScale))) / instrument.lotSize))

/** Ticks nearest to a floating point price: for indicators' levels and imported candles. */
export const ticksFromFloat = (instrument: Instrument, price: number): Ticks =>
  Math.round((price * Number(powerOfTen(instrument.priceScale))) / instrument.tickSize)
