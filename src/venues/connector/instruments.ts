import type { Market } from 'ccxt'
import { defineInstrument, type Instrument, type InstrumentId, isDecimal, trimDecimal } from '../../kernel/index.ts'

const INSTRUMENTS_MAX = 10_000

/** The instruments of one venue, by our id and by the venue's own names. */
export interface InstrumentBook {
  readonly all: readonly Instrument[]
  get(id: InstrumentId): Instrument | undefined
  /** By the venue's own name of it, e.g. `XRPUSDT`. */
  bySymbol(symbol: string): Instrument | undefined
  byPair(pair: string): Instrument | undefined
}

export function instrumentBook(instruments: readonly Instrument[]): InstrumentBook {
  const byId = new Map(instruments.map(instrument => [instrument.id, instrument]))
  const bySymbol = new Map(instruments.map(instrument => [instrument.symbol ?? instrument.pair, instrument]))
  const byPair = new Map(instruments.map(instrument => [instrument.pair, instrument]))
  return {
    all: instruments,
    get: id => byId.get(id),
    bySymbol: symbol => bySymbol.get(symbol),
    byPair: pair => byPair.get(pair),
  }
}

/** A number of ccxt's (a decimal string under `number: String`) as a plain decimal; undefined where there is none. */
export const decimalOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  const text = String(value)
  if (isDecimal(text)) return trimDecimal(text)
  const number = Number(text)
  return Number.isFinite(number) ? trimDecimal(number.toFixed(18)) : undefined
}

export type KnownMarket = NonNullable<Market>

/**
 * Spot instruments of a venue from ccxt's markets; what cannot be told in whole ticks and lots is left out. `tickOf` is for
 * venues whose ticks are not in the table.
 */
export function instrumentsOf(
  venue: string,
  markets: readonly Market[],
  tickOf: (market: KnownMarket) => string | undefined = market => decimalOf(market.precision.price),
  lotOfAll?: string,
): Instrument[] {
  const found: Instrument[] = []
  for (const market of markets) {
    if (market === undefined || market.spot !== true || market.active === false) continue
    const instrument = instrumentOf(venue, market, tickOf(market), lotOfAll ?? decimalOf(market.precision.amount))
    if (instrument !== null && found.length < INSTRUMENTS_MAX) found.push(instrument)
  }
  return found
}

function instrumentOf(
  venue: string,
  market: KnownMarket,
  tick: string | undefined,
  lot: string | undefined,
): Instrument | null {
  if (tick === undefined || lot === undefined) return null
  try {
    return {
      ...defineInstrument({
        venue,
        pair: market.symbol,
        tick,
        lot,
        quantityMin: roundedUp(decimalOf(market.limits.amount?.min), lot),
        notionalMin: decimalOf(market.limits.cost?.min),
      }),
      symbol: String(market.id),
    }
  } catch {
    // A name or a step that we have no words for (a pair of another form, say) cannot be traded here.
    return null
  }
}

/** The smallest multiple of the lot that is not below the minimum. */
function roundedUp(minimum: string | undefined, lot: string): string | undefined {
  if (minimum === undefined) return undefined
  const scale = Math.max(scaleOfText(minimum), scaleOfText(lot))
  const units = (text: string) => BigInt(text.replace('.', '') + '0'.repeat(scale - scaleOfText(text)))
  const step = units(lot)
  const lots = (units(minimum) + step - 1n) / step
  const digits = (lots * step).toString().padStart(scale + 1, '0')
  const lotScale = scaleOfText(lot)
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return lotScale === scale ? text : trimDecimal(text)
}

const scaleOfText = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0)
