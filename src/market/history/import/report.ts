import type { Micros } from '../../../kernel/index.ts'
import type { LayoutName } from './layout.ts'

export interface BadRow {
  /** From 1, as an editor counts; in Parquet the row. */
  readonly line: number
  readonly reason: string
}

/** What an import saw. Nothing that is counted here has been repaired. */
export interface ImportReport {
  readonly layout: LayoutName
  /** Rows of data in the file, good and bad; trades for a file of trades. */
  readonly rows: number
  readonly bars: number
  /** Rows of a time that an earlier row of the file had; the first in the file is kept. */
  readonly duplicates: number
  /** Those among them with other prices or volume than the row that is kept. */
  readonly conflictingDuplicates: number
  /** Runs of missing bars, and the bars missing in them all together. */
  readonly gaps: number
  readonly missingBars: number
  readonly badRowCount: number
  /** The first `BAD_ROWS_LISTED_MAX` of them. */
  readonly badRows: readonly BadRow[]
  /** Rows whose text date is another time than their Unix time; the Unix time is taken. */
  readonly timeDisagreements: number
  readonly order: 'newest-first' | 'oldest-first' | 'unsorted'
  /** Open of the first bar, and end of the last. */
  readonly from: Micros
  readonly to: Micros
}

export const BAD_ROWS_LISTED_MAX = 100
