import {
  AppError,
  assert,
  defineInstrument,
  formatDecimal,
  type Instrument,
  type InstrumentId,
  type Micros,
  parseDecimal,
} from '../kernel/index.ts'
import type { InstrumentRules } from '../matching/index.ts'
import type { ListedAsset, ListedInstrument } from './shard/replica.ts'

/** The house exchange as a venue: `house:XRP/USD`. */
export const HOUSE = 'house'

/** A market as its operator describes it, in decimals and per cent. */
export interface MarketSpec {
  readonly pair: string
  readonly tick: string
  readonly lot: string
  readonly quantityMin: string
  readonly quantityMax: string
  readonly priceMax: string
  readonly notionalMin: string
  readonly bandPpm: number
  readonly haltPpm: number
  readonly haltMicros: Micros
  readonly protectionPpm: number
}

/** A market that trades on a shard, by its number there. */
export interface HouseMarket {
  readonly number: number
  readonly instrument: Instrument
  readonly rules: InstrumentRules
  readonly base: ListedAsset
  readonly quote: ListedAsset
}

export const houseId = (pair: string): InstrumentId => `${HOUSE}:${pair}` as InstrumentId

/**
 * The engine's rules of a market.
 * @throws AppError `request.invalid` when a lot is no whole number of units of the base asset, or tick × lot of the quote asset
 */
export function rulesOf(spec: MarketSpec, baseScale: number, quoteScale: number): InstrumentRules {
  const instrument = instrumentOf(spec)
  const units = (decimals: string, scale: number, field: string): number => {
    const number = Number(parseDecimal(decimals, scale, field))
    if (!Number.isSafeInteger(number))
      throw new AppError('request.invalid', { field, rule: 'is a safe number of units' })
    return number
  }
  const product = BigInt(instrument.tickSize) * BigInt(instrument.lotSize)
  const tickLot = formatDecimal(product, instrument.priceScale + instrument.quantityScale)
  return {
    lotUnits: units(spec.lot, baseScale, 'lot'),
    tickLotUnits: units(tickLot, quoteScale, 'tick'),
    quantityMin: instrument.quantityMin,
    quantityMax: instrument.quantityMax,
    priceMax: Number(parseDecimal(spec.priceMax, instrument.priceScale, 'priceMax')) / instrument.tickSize,
    notionalMin: units(spec.notionalMin, quoteScale, 'notionalMin'),
    bandPpm: spec.bandPpm,
    haltPpm: spec.haltPpm,
    haltMicros: spec.haltMicros,
    protectionPpm: spec.protectionPpm,
  }
}

const instrumentOf = ({ pair, tick, lot, quantityMin, quantityMax, notionalMin }: MarketSpec): Instrument =>
  defineInstrument({ venue: HOUSE, pair, tick, lot, quantityMin, quantityMax, notionalMin })

/** What is listed, as the rest of the product knows instruments. */
export function marketOf(listed: ListedInstrument, number: number, assets: readonly ListedAsset[]): HouseMarket {
  const [base, quote] = [assets[listed.base], assets[listed.quote]]
  assert(base !== undefined && quote !== undefined, 'the assets of a listed instrument are listed')
  const { pair, tick, lot, rules } = listed
  const bare = defineInstrument({ venue: HOUSE, pair, tick, lot })
  const instrument: Instrument = {
    ...bare,
    quantityMin: rules.quantityMin,
    quantityMax: rules.quantityMax,
    notionalMin: formatDecimal(BigInt(rules.notionalMin), quote.scale),
  }
  return { number, instrument, rules, base, quote }
}

/** Units of an asset as a decimal. */
export const amountText = (asset: ListedAsset, units: number): string => formatDecimal(BigInt(units), asset.scale)

/** A decimal as units of an asset. @throws AppError `request.invalid` naming `field` */
export function unitsOf(asset: ListedAsset, amount: string, field = 'amount'): number {
  const units = parseDecimal(amount, asset.scale, field)
  if (units <= 0n) throw new AppError('request.invalid', { field, rule: 'is above zero' })
  if (units > BigInt(Number.MAX_SAFE_INTEGER))
    throw new AppError('request.invalid', {
      field,
      rule: `is at most ${formatDecimal(BigInt(Number.MAX_SAFE_INTEGER), asset.scale)}`,
    })
  return Number(units)
}

/** Millionths as a fraction: `'0.001'`. */
export const ppmText = (ppm: number): string => formatDecimal(BigInt(ppm), 6)
