import type { Case } from './case.ts'

const NO_TEXT = 'the exchange answers its venue in values, not in text: an answer is there whole or not at all'
const ONE_CLOCK = 'the exchange and its venue go by one clock'
const IN_ORDER = 'the exchange tells its venue from the journal, in the order of its commands and each of them once'

/** Why a case does not apply to the house exchange, which a venue in the same process stands for, in its own terms. */
const EXCUSES: Readonly<Record<string, string>> = {
  'FLT-1-malformed_json': NO_TEXT,
  'FLT-2-malformed_json': NO_TEXT,
  'FLT-3': NO_TEXT,
  'FLT-4': NO_TEXT,
  'FLT-5': NO_TEXT,
  'FLT-6': NO_TEXT,
  'FLT-7': ONE_CLOCK,
  'STR-8-duplicate_report': IN_ORDER,
  'STR-8-reorder_reports': IN_ORDER,
}

export const houseExcuse = ({ id }: Case): string | null => EXCUSES[id] ?? null

/** Why it is not held to each fault in each case. */
export const HOUSE_FAULTS =
  'the faults are of the wire to an outside venue; those that the house exchange can have are cases of their own above, and its tests break commits and leases'
/** Cases that are excused by name. */
export const HOUSE_EXCUSED = Object.keys(EXCUSES)
