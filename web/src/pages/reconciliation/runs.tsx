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
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort | undefined) => void
}

/** The comparisons that were made, newest first. */
export function Runs({ runs, ...table }: RunsProps): ReactNode {
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts follow the language
  const columns = useMemo(columnsOf, [language])
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

const columnsOf = (): readonly Column<ReconciliationView>[] => [
  {
    key: 'at',
    label: t('compare.at'),
    value: run => run.finishedAt,
    cell: run => <Ago at={run.finishedAt} />,
  },
  {
    key: 'venue',
    label: t('venue.name'),
    value: run => run.venue,
    cell: run => <Sym>{run.venue}</Sym>,
  },
  {
    key: 'result',
    label: t('compare.result'),
    value: run => resultOf(run),
    cell: run => (
      <>
        <ComparisonResult run={run} when={false} />
        {run.error !== null && (
          <span className="block max-w-80 py-0.5 whitespace-normal text-text-2">
            <bdi dir="auto">{run.error}</bdi>
          </span>
        )}
      </>
    ),
  },
  {
    key: 'trigger',
    label: t('compare.trigger'),
    wide: 'md',
    value: run => run.trigger,
    cell: run => t(`compare.trigger.${run.trigger}`),
  },
  {
    key: 'compared',
    label: t('compare.compared'),
    wide: 'md',
    value: run => run.orders + run.fills + run.balances,
    cell: run =>
      rich('compare.compared.what', {
        orders: <Num value={run.orders} />,
        fills: <Num value={run.fills} />,
        balances: <Num value={run.balances} />,
      }),
  },
  {
    key: 'corrected',
    label: t('compare.corrected'),
    numeric: true,
    wide: 'md',
    value: run => run.corrected,
    cell: run => <Num value={run.corrected} />,
  },
  {
    key: 'escalated',
    label: t('compare.escalated'),
    numeric: true,
    wide: 'md',
    value: run => run.escalated,
    cell: run => <Num value={run.escalated} />,
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
