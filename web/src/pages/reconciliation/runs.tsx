import { type ReactNode, useMemo } from 'react'
import type { ReconciliationView } from '../../contract.ts'
import { Ago, Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Note } from '../../ui/panel.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import type { Sort } from '../../ui/table-model.ts'
import { ComparisonResult } from '../shared/compare-now.tsx'
import { resultOf } from '../shared/comparisons.ts'

const MICROS_PER_MS = 1_000

interface RunsProps {
  readonly runs: readonly ReconciliationView[]
  readonly titleOf: (venue: string) => string
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort | undefined) => void
}

/** The comparisons that were made, newest first. */
export function Runs({ runs, titleOf, ...table }: RunsProps): ReactNode {
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts follow the language
  const columns = useMemo(() => columnsWith(titleOf), [language, titleOf])
  return (
    <Table
      label={t('compare.runs')}
      rows={runs}
      columns={columns}
      rowKey={run => run.id}
      rowTestId="comparison"
      empty={
        <Note>
          <p>{t('compare.runs.empty')}</p>
        </Note>
      }
      {...table}
    />
  )
}

const columnsWith = (titleOf: RunsProps['titleOf']): readonly Column<ReconciliationView>[] => [
  {
    key: 'at',
    label: t('compare.at'),
    value: run => run.finishedAt,
    cell: run => <Ago at={run.finishedAt} />,
  },
  {
    key: 'venue',
    label: t('venue.name'),
    value: run => titleOf(run.venue),
    cell: run => <Sym>{titleOf(run.venue)}</Sym>,
  },
  {
    key: 'result',
    label: t('compare.result'),
    value: run => resultOf(run),
    cell: run => (
      <span className="block py-1">
        <ComparisonResult run={run} full />
        {run.error !== null && (
          <span className="block whitespace-normal">
            <bdi dir="auto">{run.error}</bdi>
          </span>
        )}
        <span className="block whitespace-normal text-text-2">
          {rich('compare.compared', {
            why: t(`compare.trigger.${run.trigger}`),
            orders: <Num value={run.orders} />,
            fills: <Num value={run.fills} />,
            balances: <Num value={run.balances} />,
          })}
        </span>
      </span>
    ),
  },
  {
    key: 'took',
    label: t('compare.took'),
    numeric: true,
    wide: 'lg',
    value: run => run.finishedAt - run.startedAt,
    cell: run => <Num value={(run.finishedAt - run.startedAt) / MICROS_PER_MS} decimals={0} unit="ms" />,
  },
]
