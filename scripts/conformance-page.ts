import { FAULT_KINDS, type FaultKind } from '../simulators/venues/index.ts'
import { CASES } from '../test/conformance/cases.ts'
import { FAULTS } from '../test/conformance/faulted.ts'
import { HOUSE_FAULTS } from '../test/conformance/house-excuses.ts'
import { CONNECTED, excuseOf, FAULTABLE, faultExcuseOf, HELD, type Held, titleOf } from '../test/conformance/matrix.ts'
import { PAPER_FAULTS } from '../test/conformance/paper-excuses.ts'
import { madeBy, notes, table } from './markdown.ts'

/** What came of one cell: null when it held, else why its fault could not happen in it. */
export interface Outcome {
  readonly venue: Held
  readonly case: string
  readonly fault: FaultKind | null
  readonly unmet: string | null
  /** What was not as it is to be. */
  readonly failure: string | null
}

const PASSED = '✓'

/** The page of a full run, of which every cell has passed or has a reason. @throws Error for one that has neither */
export function conformancePage(outcomes: readonly Outcome[]): string {
  const said = notes()
  const byCell = new Map(outcomes.map(one => [cellOf(one.venue, one.case, one.fault), one]))
  const found = (venue: Held, id: string, fault: FaultKind | null): Outcome => {
    const outcome = byCell.get(cellOf(venue, id, fault))
    if (outcome === undefined || outcome.failure !== null)
      throw new Error(`${cellOf(venue, id, fault)} ${outcome?.failure ?? 'did not run'}`)
    return outcome
  }
  const without = CASES.map(one => [
    one.id,
    one.title,
    ...HELD.map(held => {
      const excuse = excuseOf(held, one)
      if (excuse !== null) return said.of(excuse)
      found(held, one.id, null)
      return PASSED
    }),
  ])
  const withFault = FAULTABLE.map(one => [
    one.id,
    ...FAULT_KINDS.map(fault => {
      const reasons = CONNECTED.map(
        venue => excuseOf(venue, one) ?? faultExcuseOf(venue, fault) ?? found(venue, one.id, fault).unmet,
      )
      const marks = [...new Set(reasons)].flatMap(reason => {
        const whose = CONNECTED.filter((_, i) => reasons[i] === reason)
        if (reason === null) return []
        return [said.of(whose.length === CONNECTED.length ? reason : `${whose.map(titleOf).join(', ')}: ${reason}`)]
      })
      return [reasons.filter(reason => reason === null).length || '–', ...marks].join(' ')
    }),
  ])
  const passed = outcomes.filter(({ unmet }) => unmet === null)
  const count = (isFaulted: boolean) => passed.filter(({ fault }) => (fault !== null) === isFaulted).length
  return madeBy(
    'npm run conformance',
    'Conformance',
    `Every venue behind the port is held to the same cases: ${CASES.length} of them, at ${CONNECTED.length} connectors against the venues that ` +
      '`bourse simulate` serves, over their own protocols, at the paper venue, and at the house exchange over a PostgreSQL of its own. No case is left out without a reason of the venue’s; the ' +
      `reasons are the notes at the end. In the last full run ${count(false)} cells without a fault and ${count(true)} with one passed, and none failed. ` +
      'Real venues are not part of it.',
    '## Without a fault',
    `${PASSED} passed; a number is a note.`,
    table(['case', 'it holds that', ...HELD.map(titleOf)], without),
    '## With each fault',
    `Every case that sets no fault of its own, while the first order, cancel, amend, query, public question and frame of each channel meets the ` +
      `fault. The connector is used as the platform uses it: what is unknown is asked for by client id, what was not answered is asked again. ` +
      `At the end of each, no order exists twice, nothing was told that did not happen, and every book is good again. A cell is the number of ` +
      `the ${CONNECTED.length} venues that passed, and the notes of the others; – is none.`,
    FAULT_KINDS.map(kind => `- \`${kind}\`: ${FAULTS[kind]}`).join('\n'),
    table(['case', ...FAULT_KINDS.map(kind => `\`${kind}\``)], withFault),
    `The paper venue meets no fault: ${PAPER_FAULTS}. Nor is the house exchange in this table: ${HOUSE_FAULTS}.`,
    '## Notes',
    said.list(),
    'The cases are in `test/conformance/cases.ts` and beside it; one cell again: `npm run conformance -- kraken ORD-2 gap`.',
  )
}

const cellOf = (venue: Held, id: string, fault: FaultKind | null) => `${venue} ${id} ${fault ?? 'without a fault'}`
