import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import type { RunView } from '../../contract.ts'
import { useRuns } from '../../feed/use-feed.ts'
import { useStrategies } from '../../session/queries.ts'
import { may } from '../../session/session.ts'
import { later } from '../../shell/later.tsx'
import { useTitle } from '../../shell/title.ts'
import { minus } from '../../show/decimal.ts'
import { Ago, Num, Sym } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Guard, Note, PageHead, Skeleton } from '../../ui/panel.tsx'
import { type Column, ExportButton, Table } from '../../ui/table.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { MarketName } from '../shared/market-name.tsx'
import { RunState, RunSwitch } from './run-state.tsx'

const NewRun = later(() => import('./new-run.tsx'))

export default function StrategiesPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.strategies'))
  const search = useSearch({ from: '/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const { data } = useRuns()
  const columns = useRunColumns()
  const sort = parseSort(search.sort)
  return (
    <>
      <PageHead title={t('nav.strategies')}>
        <ExportButton name="runs" rows={data ?? []} columns={columns} sort={sort} />
        {may('runs:write') && (
          <button type="button" className="btn btn-primary" onClick={() => change({ new: '1' })} data-testid="run-new">
            <Icon name="plus" />
            {t('run.new')}
          </button>
        )}
      </PageHead>
      <Guard needs="runs:read">
        <div className="flex min-h-0 flex-1 flex-col">
          {!data ? (
            <Skeleton rows={8} />
          ) : (
            <Table
              label={t('run.table')}
              rows={data}
              columns={columns}
              rowKey={run => run.id}
              sort={sort}
              onSort={next => change({ sort: sortText(next) })}
              onOpen={run => void navigate({ to: '/runs/$id', params: { id: run.id } })}
              rowTestId="run-row"
              empty={
                <Note>
                  <p>{t('run.empty')}</p>
                  <button type="button" className="btn btn-primary mt-2" onClick={() => change({ new: '1' })}>
                    {t('run.new')}
                  </button>
                </Note>
              }
            />
          )}
        </div>
      </Guard>
      {search.new && <NewRun onClose={() => change({ new: undefined })} />}
    </>
  )
}

/** A strategy's own title, or its name until the list is here. */
export function useStrategyTitles(): (name: string) => string {
  const { data } = useStrategies()
  return name => data?.items.find(strategy => strategy.name === name)?.title ?? name
}

function useRunColumns(): Column<RunView>[] {
  const language = useLanguage()
  const { data } = useStrategies()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo((): Column<RunView>[] => {
    const titles = new Map((data?.items ?? []).map(strategy => [strategy.name, strategy.title]))
    return [
      {
        key: 'name',
        label: t('run.name'),
        value: run => run.name,
        cell: run => (
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            title={run.name}
            className="inline-block max-w-28 truncate py-1 align-middle font-semibold underline decoration-control underline-offset-2 @sm:max-w-none"
          >
            <bdi>{run.name}</bdi>
          </Link>
        ),
      },
      { key: 'state', label: t('run.state'), value: run => run.state, cell: run => <RunState state={run.state} /> },
      {
        key: 'strategy',
        label: t('run.strategy'),
        value: run => run.strategy,
        cell: run => <bdi dir="auto">{titles.get(run.strategy) ?? run.strategy}</bdi>,
        wide: 'md',
      },
      {
        key: 'instrument',
        label: t('order.instrument'),
        value: run => run.instrument,
        cell: run => (
          <>
            <MarketName id={run.instrument} /> · <Sym>{run.interval}</Sym>
          </>
        ),
        wide: 'md',
      },
      {
        key: 'equity',
        label: t('equity.title'),
        numeric: true,
        value: run => run.equity,
        cell: run => <Num value={run.equity} decimals={2} ch={10} />,
        wide: 'sm',
      },
      {
        key: 'pnl',
        label: t('run.pnl'),
        numeric: true,
        value: run => minus(run.equity, run.allocation),
        cell: run => <Num value={minus(run.equity, run.allocation)} decimals={2} change ch={10} />,
      },
      {
        key: 'openOrders',
        label: t('run.openOrders'),
        numeric: true,
        value: run => run.openOrders,
        cell: run => <Num value={run.openOrders} ch={3} />,
        wide: 'lg',
      },
      {
        key: 'trades',
        label: t('run.trades'),
        numeric: true,
        value: run => run.trades,
        cell: run => <Num value={run.trades} ch={4} />,
        wide: 'md',
      },
      {
        key: 'startedAt',
        label: t('run.startedAt'),
        value: run => isoOf(run.startedAt),
        cell: run => <Ago at={run.startedAt} />,
        wide: 'lg',
      },
      {
        key: 'error',
        label: t('run.error'),
        value: run => run.error,
        wide: 'lg',
        cell: run =>
          run.error ? (
            <span className="inline-block max-w-56 truncate align-middle text-danger" title={run.error}>
              <bdi dir="auto">{run.error}</bdi>
            </span>
          ) : (
            '—'
          ),
      },
      { key: 'switch', label: t('run.control'), cell: run => <RunSwitch run={run} /> },
    ]
  }, [language, data])
}
