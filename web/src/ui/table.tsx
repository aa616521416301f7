import { type KeyboardEvent, type ReactNode, type UIEvent, useMemo, useRef, useState } from 'react'
import { useSettings } from '../settings/settings.ts'
import { t, useLanguage } from '../text/text.tsx'
import { csv, download } from './csv.ts'
import { Icon } from './icon.tsx'
import { type Cell, nextSort, type Sort, sorted, visibleRange } from './table-model.ts'

export interface Column<T> {
  readonly key: string
  readonly label: string
  readonly cell: (row: T) => ReactNode
  /** For sorting and for the export; without it the column is neither sorted nor exported. */
  readonly value?: (row: T) => Cell
  readonly numeric?: boolean
  /** Left out where the table is narrow. */
  readonly wide?: 'sm' | 'md' | 'lg' | 'xl'
}

interface TableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => string
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort | undefined) => void
  readonly onOpen?: (row: T) => void
  readonly selected?: string | undefined
  readonly rowTestId?: string
  readonly empty: ReactNode
  readonly className?: string
}

/** Over so many rows only those in view are in the DOM. */
const VIRTUAL_OVER = 200
const WIDE = {
  sm: 'hidden @sm:table-cell',
  md: 'hidden @xl:table-cell',
  lg: 'hidden @4xl:table-cell',
  xl: 'hidden @6xl:table-cell',
}

const rowHeight = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 32

export function Table<T>(props: TableProps<T>): ReactNode {
  useLanguage()
  const { density } = useSettings()
  const { columns, rowKey, onOpen, selected } = props
  const [ownSort, setOwnSort] = useState<Sort>()
  const [view, setView] = useState({ top: 0, height: 800 })
  const [at, setAt] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const sort = props.onSort ? props.sort : ownSort
  const changeSort = props.onSort ?? setOwnSort
  const rows = useMemo(
    () => sorted(props.rows, columns.find(column => column.key === sort?.key)?.value, sort),
    [props.rows, columns, sort],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height of a row follows the density
  const height = useMemo(rowHeight, [density])
  const virtual = rows.length > VIRTUAL_OVER
  const [from, to] = virtual ? visibleRange(rows.length, view.top, view.height, height) : [0, rows.length]
  const stop = Math.min(at, rows.length - 1)

  function focusRow(index: number): void {
    const target = Math.max(0, Math.min(rows.length - 1, index))
    setAt(target)
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-row="${target}"]`)?.focus())
  }

  function onKeyDown(event: KeyboardEvent<HTMLTableSectionElement>): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')
    if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return
    const index = Number(row.dataset.row)
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : step && index + step
    if (to !== undefined) focusRow(to)
    else if (event.key === 'Enter' && onOpen) onOpen(rows[index] as T)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  if (rows.length === 0) return <>{props.empty}</>
  return (
    <div
      className={`@container min-h-0 flex-1 overflow-auto ${props.className ?? ''}`}
      onScroll={(event: UIEvent<HTMLElement>) => {
        if (virtual) setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
      }}
    >
      <table className="grid-table" aria-rowcount={rows.length + 1}>
        <caption className="sr-only">{props.label}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(column => (
              <th
                key={column.key}
                scope="col"
                data-end={column.numeric || undefined}
                className={column.wide && WIDE[column.wide]}
                aria-sort={sort?.key === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined}
              >
                {column.value ? (
                  <button
                    type="button"
                    className={column.numeric ? 'flex-row-reverse' : undefined}
                    onClick={() => changeSort(nextSort(sort, column.key))}
                  >
                    {column.label}
                    <span aria-hidden="true" className="inline-block w-2 text-[0.7em]">
                      {sort?.key === column.key ? (sort.descending ? '▼' : '▲') : ''}
                    </span>
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {from > 0 && <Gap height={from * height} span={columns.length} />}
          {rows.slice(from, to).map((row, offset) => {
            const index = from + offset
            const key = rowKey(row)
            return (
              <tr
                key={key}
                data-row={index}
                data-opens={onOpen ? '' : undefined}
                data-testid={props.rowTestId}
                data-id={key}
                aria-rowindex={index + 2}
                aria-current={selected === key || undefined}
                tabIndex={index === stop ? 0 : -1}
                onFocus={() => setAt(index)}
                onClick={event => {
                  if (onOpen && !(event.target as HTMLElement).closest('a,button')) onOpen(row)
                }}
              >
                {columns.map(column => (
                  <td
                    key={column.key}
                    data-end={column.numeric || undefined}
                    className={column.wide && WIDE[column.wide]}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
          {to < rows.length && <Gap height={(rows.length - to) * height} span={columns.length} />}
        </tbody>
      </table>
    </div>
  )
}

const Gap = ({ height, span }: { height: number; span: number }): ReactNode => (
  <tr>
    <td colSpan={span} style={{ blockSize: height, padding: 0, border: 0 }} />
  </tr>
)

/** Saves what the table shows, in its order. */
export function ExportButton<T>(props: {
  name: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  sort?: Sort | undefined
}): ReactNode {
  useLanguage()
  const { rows, columns, sort, name } = props
  return (
    <button
      type="button"
      className="btn btn-bare text-text-2"
      disabled={rows.length === 0}
      onClick={() => {
        const shown = columns.filter(column => column.value)
        const ordered = sorted(rows, columns.find(column => column.key === sort?.key)?.value, sort)
        download(
          `${name}.csv`,
          csv([shown.map(column => column.key), ...ordered.map(row => shown.map(column => column.value?.(row)))]),
        )
      }}
    >
      <Icon name="download" />
      <span>{t('action.exportCsv')}</span>
    </button>
  )
}
