import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { usePositions, useRuns } from '../../feed/use-feed.ts'
import { useTitle } from '../../shell/title.ts'
import { sum } from '../../show/decimal.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { PageHead, Panel } from '../../ui/panel.tsx'
import { ExportButton } from '../../ui/table.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { EquityPanel, rangeOf } from '../shared/equity-panel.tsx'
import { Positions, totalsOf, usePositionColumns } from '../shared/positions.tsx'

export default function PortfolioPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.portfolio'))
  const search = useSearch({ from: '/portfolio' })
  const navigate = useNavigate({ from: '/portfolio' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const { data } = usePositions()
  const columns = usePositionColumns()
  const sort = parseSort(search.sort)
  return (
    <>
      <PageHead title={t('nav.portfolio')} />
      <Split />
      <EquityPanel
        run={null}
        range={rangeOf(search.range)}
        onRange={range => change({ range })}
        className="h-80 shrink-0 border-b border-line"
      />
      <Panel
        title={t('position.title')}
        className="min-h-64 flex-1"
        needs="portfolio:read"
        tools={<ExportButton name="positions" rows={data ?? []} columns={columns} sort={sort} />}
      >
        <Positions sort={sort} onSort={next => change({ sort: sortText(next) })} />
      </Panel>
    </>
  )
}

/** Where the result comes from; the four figures add up. */
function Split(): ReactNode {
  const { data } = usePositions()
  const runs = useRuns().data
  const totals = data && totalsOf(data)
  const parts = [
    ['position.realised', totals?.realised, 'portfolio.realised.what'],
    ['position.unrealised', totals?.unrealised, 'portfolio.unrealised.what'],
    ['position.fees', totals && `-${totals.fees}`.replace(/^--/, ''), 'portfolio.fees.what'],
    ['position.net', totals?.net, 'portfolio.net.what'],
  ] as const
  return (
    <dl className="grid grid-cols-2 border-b border-line lg:grid-cols-5" data-testid="pnl-split">
      <div className="col-span-2 border-line p-4 max-lg:border-b lg:col-span-1 lg:border-e">
        <dt className="text-text-2">{t('portfolio.equity')}</dt>
        <dd className="text-page font-semibold">
          <Num value={runs && sum(runs.map(run => run.equity))} decimals={2} unit="USD" />
        </dd>
        <dd className="text-cell text-text-2">{t('portfolio.equity.what')}</dd>
      </div>
      {parts.map(([label, value, what]) => (
        <div key={label} className="border-line p-4 lg:not-last:border-e">
          <dt className="text-text-2">{t(label)}</dt>
          <dd className="text-section font-semibold">
            <Num value={value} decimals={2} change unit="USD" />
          </dd>
          <dd className="text-cell text-text-2">{t(what)}</dd>
        </div>
      ))}
    </dl>
  )
}
