import { FAULT_KINDS, type FaultKind, SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { HOUSE_CAPABILITIES } from '../../src/exchange/index.ts'
import {
  type Capabilities,
  FEATURES,
  type Feature,
  PAPER,
  VENUES,
  type VenueName,
  whyAbsent,
} from '../../src/venues/index.ts'
import type { Case } from './case.ts'
import { CASES } from './cases.ts'
import { healed, PLAN, setFault, unmet } from './faulted.ts'
import { houseExcuse } from './house-excuses.ts'
import { type HouseDatabase, openHouseStage } from './house-stage.ts'
import { paperExcuse } from './paper-excuses.ts'
import { openPaperStage } from './paper-stage.ts'
import { openStage, type Stage } from './stage.ts'

/** The suite as a matrix: every case at every venue, without a fault and with each. */

export const CONNECTED: readonly VenueName[] = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(
  name => VENUES[name] !== undefined,
)

/** Cases that set their own faults are not held to others as well. */
export const FAULTABLE: readonly Case[] = CASES.filter(({ setsFaults }) => setsFaults !== true)

/** Of the markets, the network and the connectors, unless another is named. */
export const SEED = 'conformance'

/** All that is held to the suite. */
export type Held = VenueName | 'paper' | 'house'
export const HELD: readonly Held[] = [...CONNECTED, 'paper', 'house']

/** Those that are no connectors, with what they can do and why a case does not apply to them. */
const OWN = {
  paper: { title: 'Paper', capabilities: PAPER, excuse: paperExcuse },
  house: { title: 'House', capabilities: HOUSE_CAPABILITIES, excuse: houseExcuse },
} as const satisfies Record<string, { title: string; capabilities: Capabilities; excuse: (one: Case) => string | null }>
type Own = keyof typeof OWN

const isOwn = (held: Held): held is Own => Object.hasOwn(OWN, held)
/** Whether it is a connector, held to each fault as well. */
export const isConnected = (held: Held): held is VenueName => !isOwn(held)

export const titleOf = (held: Held): string => (isOwn(held) ? OWN[held].title : VENUES[held]!.title)

export const capabilitiesOf = (held: Held): Capabilities =>
  isOwn(held) ? OWN[held].capabilities : VENUES[held]!.capabilities

/** Why a case does not apply to a venue; null where it does. */
export const excuseOf = (held: Held, one: Case): string | null =>
  (isOwn(held) ? OWN[held].excuse(one) : null) ?? lacking(held, one.needs)

/** Why a fault cannot happen at a venue; null where it can. */
export const faultExcuseOf = (held: Held, fault: FaultKind): string | null => lacking(held, PLAN[fault].needs)

function lacking(held: Held, needs: Feature | undefined): string | null {
  const why = needs === undefined ? null : whyAbsent(capabilitiesOf(held), needs)
  return why === null ? null : `${FEATURES[needs!]}: ${why}`
}

/** What a run of the suite is given: the seed of chance, and where the house exchange may keep itself. */
export interface Run {
  readonly seed?: string
  readonly database: () => Promise<HouseDatabase>
}

/** Runs a case at a venue without a fault. */
export async function runCase(held: Held, one: Case, { seed = SEED, database }: Run): Promise<void> {
  const stage = await openAny()
  try {
    await one.run(stage)
  } finally {
    await stage.close()
  }

  async function openAny(): Promise<Stage> {
    if (held === 'paper') return openPaperStage(seed)
    return held === 'house' ? openHouseStage(await database()) : openStage(held, { seed })
  }
}

/** Runs a case with a fault. @returns why the fault could not happen in it; null where it did */
export async function runCell({ venue, case: one, fault }: Cell, seed = SEED): Promise<string | null> {
  const stage = await openStage(venue, { seed, isFaulted: true })
  try {
    const before = await setFault(stage, fault)
    await one.run(stage)
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
    FAULT_KINDS.filter(fault => faultExcuseOf(venue, fault) === null).map(fault => ({ venue, case: one, fault })),
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
