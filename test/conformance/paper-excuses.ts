import type { Case } from './case.ts'

const NO_MARKET = 'the paper venue has no market of its own: it is shown the books and trades of another'
const NO_ACCOUNT = 'the paper venue keeps no account: what a run may spend and has is in the state of the run'
const ALONE = 'the paper venue has one client, its run, and no pages: all of its orders are in the state of the run'
const NO_WIRE = 'nothing lies between a run and its paper venue that could break'

/** Why a case does not apply to the paper venue, which is a part of a run (docs/decisions/0003), in its own terms. */
const EXCUSES: Readonly<Record<string, string>> = {
  'INS-1': 'the paper venue lists nothing: it trades the one instrument that its run gives it',
  'FEE-1':
    'the paper venue has no schedule of fees: its fees are settings of the run, and ORD-2 holds the fills to them',
  'MKT-1': NO_MARKET,
  'MKT-2': NO_MARKET,
  'ACC-1': NO_ACCOUNT,
  'ORD-6':
    'the paper venue refuses no size and no want of funds: the run holds its orders to both before they leave it',
  'ORD-9': ALONE,
  'CXL-5': ALONE,
  'CXL-6': 'a paper venue is of one instrument',
  'FIL-1': ALONE,
  'FIL-2': 'the paper venue is asked nothing: its fills are told once, and are in the state of the run from then on',
  'FIL-3':
    'what a paper order takes is still there for everybody else: what the market shows again fills the rest of it, and none stays open',
  'STR-1': NO_MARKET,
  'STR-2': NO_MARKET,
  'STR-3': ALONE,
}

export const paperExcuse = ({ id, setsFaults }: Case): string | null =>
  EXCUSES[id] ?? (setsFaults === true ? NO_WIRE : null)

/** Of every fault. */
export const PAPER_FAULTS = NO_WIRE
/** Cases that are excused by name. */
export const PAPER_EXCUSED = Object.keys(EXCUSES)
