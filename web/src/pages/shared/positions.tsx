import { type ReactNode, useMemo } from 'react'
import type { InstrumentView, PositionView } from '../../contract.ts'
import { usePositions } from '../../feed/use-feed.ts'
import { sum } from '../../show/decimal.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Note, Skeleton } from '../../ui/panel.tsx'
import { Age } from '../../ui/stale.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import type { Sort } from '../../ui/table-model.ts'
import { useInstrumentMap } from './instruments.ts'
import { MarketName } from './market-name.tsx'

function columnsOf(steps: ReadonlyMap<string, InstrumentView>): Column<PositionView>[] {
  const money = (
    key: 'realised' | 'unrealised' | 'net',
    label: string,
    wide?: 'sm' | 'md' | 'lg',
  ): Column<PositionView> => ({
    key,
    label,
    numeric: true,
    ...(wide ? { wide } : {}),
    value: row => row[key],
    cell: row => <Num value={row[key]} decimals={2} change ch={9} />,
  })
  return [
    { key: 'run', label: t('order.run'), value: row => row.runName, cell: row => <bdi>{row.runName}</bdi> },
    {
      key: 'instrument',
      label: t('order.instrument'),
      value: row => row.instrument,
      cell: row => <MarketName id={row.instrument} />,
    },
    {
      key: 'quantity',
      label: t('position.quantity'),
      numeric: true,
      value: row => row.quantity,
      cell: row => <Num value={row.quantity} step={steps.get(row.instrument)?.lot} sign="always" />,
    },
    {
      key: 'averageCost',
      label: t('position.cost'),
      numeric: true,
      wide: 'md',
      value: row => row.averageCost,
      cell: row => <Num value={row.averageCost} step={steps.get(row.instrument)?.tick} />,
    },
    {
      key: 'markPrice',
      label: t('position.mark'),
      numeric: true,
      wide: 'lg',
      value: row => row.markPrice,
      cell: row => (
        <span className="inline-flex items-center gap-1">
          <Age at={row.markedAt} />
          <Num value={row.markPrice} step={steps.get(row.instrument)?.tick} />
        </span>
      ),
    },
    money('unrealised', t('position.unrealised')),
    money('realised', t('position.realised'), 'sm'),
    {
      key: 'fees',
      label: t('position.fees'),
      numeric: true,
      wide: 'lg',
      value: row => row.fees,
      cell: row => <Num value={row.fees} decimals={2} ch={7} />,
    },
    money('net', t('position.net'), 'sm'),
  ]
}

export function usePositionColumns(): Column<PositionView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(() => columnsOf(steps), [steps, language])
}

export interface Totals {
  readonly realised: string
  readonly unrealised: string
  readonly fees: string
  readonly net: string
}

export const totalsOf = (positions: readonly PositionView[]): Totals => ({
  realised: sum(positions.map(position => position.realised)),
  unrealised: sum(positions.map(position => position.unrealised)),
  fees: sum(positions.map(position => position.fees)),
  net: sum(positions.map(position => position.net)),
})

/** Positions as they are marked now, at most four times a second. */
export function Positions({
  filter,
  sort,
  onSort,
}: {
  filter?: (position: PositionView) => boolean
  sort?: Sort | undefined
  onSort?: (sort: Sort | undefined) => void
}): ReactNode {
  useLanguage()
  const { data } = usePositions()
  const columns = usePositionColumns()
  if (!data) return <Skeleton rows={4} />
  const rows = filter ? data.filter(filter) : data
  return (
    <Table
      label={t('position.title')}
      rows={rows}
      columns={columns}
      rowKey={row => `${row.run} ${row.instrument}`}
      rowTestId="position-row"
      empty={<Note>{t('position.empty')}</Note>}
      {...(onSort ? { sort, onSort } : {})}
    />
  )
}
