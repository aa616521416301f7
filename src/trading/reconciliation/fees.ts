import {
  formatDecimal,
  type InstrumentId,
  MICROS_PER_SECOND,
  type Micros,
  parseDecimal,
  powerOfTen,
  scaleOf,
  trimDecimal,
} from '../../kernel/index.ts'
import type { FeeSchedule } from '../../venues/index.ts'
import type { Finding } from './compare.ts'

/** What an account pays for one instrument, as it was seen from `from` until `until`; in millionths of the notional. */
export interface SeenFees {
  readonly instrument: InstrumentId
  readonly makerPpm: number
  readonly takerPpm: number
  readonly from: Micros
  readonly until: Micros
}

/** A fill with its fee, as it is booked. Decimals; the fee in the asset in which it was charged. */
export interface BookedFee {
  readonly instrument: InstrumentId
  readonly fill: string
  readonly price: string
  readonly quantity: string
  readonly fee: string
  readonly feeAsset: string
  readonly liquidity: 'maker' | 'taker'
  readonly at: Micros
}

/** Clocks differ: around a change of the schedule both rates are right for so long. */
const MARGIN: Micros = 5 * MICROS_PER_SECOND
const PPM_SCALE = 6
/** No venue rounds its fees to less than a hundredth. */
const DECIMALS_MIN = 2

/** What a schedule adds to those that were seen: another period, or the present one goes on. */
export function seeFees(
  seen: readonly SeenFees[],
  schedule: FeeSchedule,
): { readonly changed: readonly SeenFees[]; readonly confirmed: readonly SeenFees[] } {
  const changed: SeenFees[] = []
  const confirmed: SeenFees[] = []
  for (const { instrument, makerPpm, takerPpm } of schedule.fees) {
    const present = seen.findLast(one => one.instrument === instrument)
    if (present?.makerPpm === makerPpm && present.takerPpm === takerPpm)
      confirmed.push({ ...present, until: schedule.at })
    else changed.push({ instrument, makerPpm, takerPpm, from: schedule.at, until: schedule.at })
  }
  return { changed, confirmed }
}

/**
 * Booked fees that the schedule in force does not explain. A schedule is known to be in force while it was seen; between two
 * of them either may be. Nothing is said of a fill before the first, or of a fee in a third asset, which has no price here.
 * A venue rounds to the last digit that it tells: that is taken from all its fees in the asset, since zeros at the end are lost.
 */
export function feeFindings(seen: readonly SeenFees[], booked: readonly BookedFee[]): Finding[] {
  const decimals = new Map<string, number>()
  for (const { fee, feeAsset } of booked)
    decimals.set(feeAsset, Math.max(decimals.get(feeAsset) ?? DECIMALS_MIN, scaleOf(fee)))
  return booked.flatMap(one => {
    const expected = ratesAt(seen, one).map(ppm => ({ ppm, units: expectedFee(one, ppm) }))
    const [last] = expected.slice(-1)
    const unit = decimals.get(one.feeAsset)!
    if (last === undefined || last.units === null) return []
    if (expected.some(({ units }) => units !== null && isWithin(one.fee, units, unit))) return []
    const { units, scale } = last.units
    return [
      {
        kind: 'fill' as const,
        classification: 'fee_differs' as const,
        action: 'escalated' as const,
        subject: `${one.instrument}/${one.fill}`,
        ours: `${trimDecimal(one.fee)} ${one.feeAsset}`,
        theirs: `${trimDecimal(formatDecimal(units, scale))} ${one.feeAsset} (${percentOf(last.ppm)} as ${one.liquidity})`,
        explanation: 'The fee that was charged for the fill is not what the account’s schedule of then comes to.',
        reports: [],
      },
    ]
  })
}

/** The rates that may have been in force at a fill, oldest first. */
function ratesAt(seen: readonly SeenFees[], { instrument, at, liquidity }: BookedFee): number[] {
  const periods = seen.filter(one => one.instrument === instrument)
  return periods
    .filter(
      ({ from }, i) =>
        at >= (periods[i - 1]?.until ?? from) - MARGIN &&
        at <= (periods[i + 1]?.from ?? Number.POSITIVE_INFINITY) + MARGIN,
    )
    .map(({ makerPpm, takerPpm }) => (liquidity === 'maker' ? makerPpm : takerPpm))
}

interface Exact {
  readonly units: bigint
  readonly scale: number
}

/** Null for a fee in another asset than the two that were traded. */
function expectedFee({ instrument, price, quantity, feeAsset }: BookedFee, ppm: number): Exact | null {
  const [base, quote] = instrument.slice(instrument.indexOf(':') + 1).split('/')
  const [amount, scale] = [parseDecimal(quantity, scaleOf(quantity)), scaleOf(quantity)]
  if (feeAsset === base) return { units: amount * BigInt(ppm), scale: scale + PPM_SCALE }
  if (feeAsset !== quote) return null
  const value = amount * parseDecimal(price, scaleOf(price))
  return { units: value * BigInt(ppm), scale: scale + scaleOf(price) + PPM_SCALE }
}

/** Whether the fee is what is expected, give or take one unit of the last decimal. */
function isWithin(fee: string, { units, scale }: Exact, decimals: number): boolean {
  const common = Math.max(scale, scaleOf(fee), decimals)
  const difference = parseDecimal(fee, common) - units * powerOfTen(common - scale)
  const unit = powerOfTen(common - decimals)
  return difference <= unit && -difference <= unit
}

const percentOf = (ppm: number): string => `${trimDecimal(formatDecimal(BigInt(ppm), 4))} %`
