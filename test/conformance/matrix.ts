import { FAULT_KINDS, type FaultKind, SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { FEATURES, type Feature, PAPER, VENUES, type VenueName, whyAbsent } from '../../src/venues/index.ts'
import type { Case } from './case.ts'
import { CASES } from './cases.ts'
import { healed, PLAN, setFault, unmet } from './faulted.ts'
import { paperExcuse } from './paper-excuses.ts'
import { openPaperStage } from './paper-stage.ts'
import { openStage } from './stage.ts'

/** The suite as a matrix: every case at every venue, without a fault and with each. */

export const CONNECTED: readonly VenueName[] = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(
  name => VENUES[name] !== undefined,
)

/** Cases that set their own faults are not held to others as well. */
export const FAULTABLE: readonly Case[] = CASES.filter(({ setsFaults }) => setsFaults !== true)

/** Of the markets, the network and the connectors, unless another is named. */
export const SEED = 'conformance'

/** All that is held to the suite. */
export type Held = VenueName | 'paper'
export const HELD: readonly Held[] = [...CONNECTED, 'paper']

export const capabilitiesOf = (held: Held) => (held === 'paper' ? PAPER : VENUES[held]!.capabilities)

/** Why a case does not apply to a venue; null where it does. */
export function excuseOf(held: Held, one: Case): string | null {
  const own = held === 'paper' ? paperExcuse(one) : null
  return own ?? lacking(held, one.needs)
}

/** Why a fault cannot happen at a venue; null where it can. */
export const faultExcuseOf = (held: Held, fault: FaultKind): string | null => lacking(held, PLAN[fault].needs)

function lacking(held: Held, needs: Feature | undefined): string | null {
  const why = needs === undefined ? null : whyAbsent(capabilitiesOf(held), needs)
  return why === null ? null : `${FEATURES[needs!]}: ${why}`
}

/** Runs a case at a venue. @returns why the fault could not happen in it; null where it did, or none was asked for */
export async function runCell(held: Held, one: Case, fault: FaultKind | null, seed = SEED) {
  const stage =
    held === 'paper' ? await openPaperStage(seed) : await openStage(held, { seed, isFaulted: fault !== null })
  try {
    const before = fault === null ? 0 : await setFault(stage, fault)
    await one.run(stage)
    if (fault === null) return null
    await healed(stage)
    return unmet(stage, fault, before)
  } finally {
    await stage.close()
  }
}

export interface Cell {
  readonly venue: VenueName
  readonly case: Case
  readonly fault: FaultKind
}

/** All of a venue that are not excused. */
export const cellsOf = (venue: VenueName): readonly Cell[] =>
  FAULTABLE.filter(one => excuseOf(venue, one) === null).flatMap(one =>
    FAULT_KINDS.filter(fault => faultExcuseOf(venue, fault) === null).map(fault => ({
      venue,
      case: one,
      fault,
    })),
  )

/** The case that places an order that fills at once while it watches: there every fault can happen. */
const RICHEST = 'ORD-2'

/** Every pair of case and fault at one venue, by turns, and every pair of fault and venue in the richest case. */
export const SLICE: readonly Cell[] = FAULTABLE.flatMap((one, i) =>
  FAULT_KINDS.flatMap((fault, j) => {
    const able = CONNECTED.filter(venue => excuseOf(venue, one) === null && faultExcuseOf(venue, fault) === null)
    return able
      .filter((_, k) => one.id === RICHEST || k === (i + j) % able.length)
      .map(venue => ({ venue, case: one, fault }))
  }),
)
