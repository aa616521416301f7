import { compare, parseDecimal } from '../show/decimal.ts'

export type Cell = string | number | null | undefined
export interface Sort {
  readonly key: string
  readonly descending: boolean
}

/** "key" ascending, "-key" descending: the shape it has in the URL. */
export const parseSort = (text: string | undefined): Sort | undefined =>
  text ? { key: text.replace(/^-/, ''), descending: text.startsWith('-') } : undefined
export const sortText = (sort: Sort | undefined): string | undefined =>
  sort && (sort.descending ? `-${sort.key}` : sort.key)

/** First click ascends, second descends, third is the table's own order again. */
export const nextSort = (present: Sort | undefined, key: string): Sort | undefined =>
  present?.key !== key ? { key, descending: false } : present.descending ? undefined : { key, descending: true }

/** Decimal texts by their value, other texts by their letters; what is not known comes last either way. */
function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const x = String(a)
  const y = String(b)
  return parseDecimal(x) && parseDecimal(y) ? compare(x, y) : x.localeCompare(y, 'en')
}

export function sorted<T>(
  rows: readonly T[],
  valueIn: ((row: T) => Cell) | undefined,
  sort: Sort | undefined,
): readonly T[] {
  if (!sort || !valueIn) return rows
  const direction = sort.descending ? -1 : 1
  return rows
    .map((row, index) => ({ row, index, value: valueIn(row) }))
    .sort((a, b) => {
      const unknownA = a.value === null || a.value === undefined
      const unknownB = b.value === null || b.value === undefined
      if (unknownA || unknownB) return Number(unknownA) - Number(unknownB) || a.index - b.index
      return direction * compareCells(a.value, b.value) || a.index - b.index
    })
    .map(entry => entry.row)
}

/** Which rows are in the DOM: those in view and some on either side. */
export function visibleRange(
  count: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): readonly [number, number] {
  const OVERSCAN = 8
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN)
  return [Math.min(first, count), Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN)]
}
