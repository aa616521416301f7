import { type ReactNode, useMemo } from 'react'
import type { HouseFillView, HouseOrderView } from '../../contract.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { Lacking, Note, Skeleton } from '../../ui/panel.tsx'
import { ExportButton, Table } from '../../ui/table.tsx'
import { OlderButton } from '../shared/older.tsx'
import { useHouseFills, useHouseOrders } from './data.ts'
import { useClosedColumns, useHouseFillColumns } from './house-columns.tsx'
import { STREAMED, useOlder } from './older.ts'

export function Refused({ detail }: { detail: string }): ReactNode {
  return (
    <Note>
      <bdi dir="auto">{detail}</bdi>
    </Note>
  )
}

const CLOSED = { state: 'closed' }
const ALL = {}
const orderPlace = ({ createdAt, id }: HouseOrderView): string => `${createdAt}:${id.slice(id.indexOf('-') + 1)}`
const fillPlace = ({ at, id, order }: HouseFillView): string => `${at}:${id}:${order}`
const fillKey = ({ id, order }: HouseFillView): string => `${id} ${order}`

/** Those of the stream, then older ones; each once. */
const together = <T,>(streamed: readonly T[], older: readonly T[], keyOf: (row: T) => string): readonly T[] => {
  const known = new Set(streamed.map(keyOf))
  return [...streamed, ...older.filter(row => !known.has(keyOf(row)))]
}

interface MoreProps<T> {
  readonly streamed: readonly T[]
  readonly older: ReturnType<typeof useOlder<T>>
  readonly label: string
}

function More<T>({ streamed, older, label }: MoreProps<T>): ReactNode {
  const more = () => void older.more(streamed)
  const hasNextPage = streamed.length >= STREAMED && !older.isOver
  return (
    <>
      {older.problem && <Lacking error={older.problem} onRetry={more} />}
      <OlderButton read={{ hasNextPage, isFetchingNextPage: older.isReading, fetchNextPage: more }} label={label} />
    </>
  )
}

/** Orders that are over, newest first. */
export function Closed(): ReactNode {
  useLanguage()
  const { closed, refused } = useHouseOrders()
  const columns = useClosedColumns()
  const older = useOlder('/v1/exchange/orders', CLOSED, orderPlace)
  const rows = useMemo(
    () => closed && [...together(closed, older.rows, ({ id }) => id)].sort((a, b) => b.createdAt - a.createdAt),
    [closed, older.rows],
  )
  if (!closed || !rows) return refused ? <Refused detail={refused.detail} /> : <Skeleton rows={5} />
  return (
    <>
      <Table
        label={t('house.history')}
        rows={rows}
        columns={columns}
        rowKey={order => order.id}
        rowTestId="house-closed"
        empty={<Note>{t('house.history.empty')}</Note>}
      />
      <More streamed={closed} older={older} label={t('house.history.older')} />
    </>
  )
}

/** What was filled, newest first. */
export function Fills(): ReactNode {
  useLanguage()
  const fills = useHouseFills()
  const columns = useHouseFillColumns()
  const older = useOlder('/v1/exchange/fills', ALL, fillPlace)
  const streamed = useMemo(() => fills && [...fills].reverse(), [fills])
  const rows = useMemo(() => streamed && together(streamed, older.rows, fillKey), [streamed, older.rows])
  if (!streamed || !rows) return <Skeleton rows={5} />
  return (
    <>
      {rows.length > 0 && (
        <div className="flex justify-end px-2 py-0.5">
          <ExportButton name="exchange-fills" rows={rows} columns={columns} />
        </div>
      )}
      <Table
        label={t('fills.title')}
        rows={rows}
        columns={columns}
        rowKey={fillKey}
        rowTestId="house-fill"
        empty={<Note>{t('house.fills.empty')}</Note>}
      />
      <More streamed={streamed} older={older} label={t('house.fills.older')} />
    </>
  )
}
