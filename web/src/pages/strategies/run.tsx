import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import type { FillView, RunView } from '../../contract.ts'
import { useFillsFeed, useOrdersFeed, useRuns } from '../../feed/use-feed.ts'
import { useFills, useOrders } from '../../session/queries.ts'
import { may } from '../../session/session.ts'
import { later } from '../../shell/later.tsx'
import { useTitle } from '../../shell/title.ts'
import { minus } from '../../show/decimal.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Note, PageHead, Panel, Skeleton } from '../../ui/panel.tsx'
import { ExportButton, Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { EquityPanel } from '../shared/equity-panel.tsx'
import { slugOf } from '../shared/instruments.ts'
import { MarketName } from '../shared/market-name.tsx'
import { mergeOrders } from '../shared/merge-orders.ts'
import { useFillColumns, useOrderColumns } from '../shared/order-columns.tsx'
import { Positions } from '../shared/positions.tsx'
import { RunState, RunSwitch } from './run-state.tsx'
import { writeValue } from './schema.ts'
import { useStrategyTitles } from './strategies.tsx'

const OrderSheet = later(() => import('../shared/order-sheet.tsx'))
const EditParameters = later(() => import('./edit-parameters.tsx'))
const TABS = ['orders', 'fills', 'positions'] as const

export default function RunPage(): ReactNode {
  useLanguage()
  const { id } = useParams({ from: '/runs/$id' })
  const { data } = useRuns()
  const run = data?.find(one => one.id === id)
  useTitle(run?.name ?? t('nav.strategies'))
  if (!data) return <Skeleton rows={12} />
  if (!run)
    return (
      <Note>
        <h1 className="text-page font-semibold">{t('run.unknown')}</h1>
        <Link to="/runs" className="btn mt-2">
          {t('run.all')}
        </Link>
      </Note>
    )
  return <Detail run={run} />
}

function Detail({ run }: { run: RunView }): ReactNode {
  const search = useSearch({ from: '/runs/$id' })
  const navigate = useNavigate({ from: '/runs/$id' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const tab = TABS.find(one => one === search.tab) ?? 'orders'
  const open = (order: string): void => change({ order })
  return (
    <>
      <PageHead
        title={
          <>
            <Link to="/runs" className="text-text-2 underline decoration-control underline-offset-4">
              {t('nav.strategies')}
            </Link>
            <span className="mx-2 text-text-3">/</span>
            <bdi>{run.name}</bdi>
          </>
        }
      >
        <RunState state={run.state} />
        <RunSwitch run={run} />
      </PageHead>
      {run.error && (
        <p role="alert" className="border-b border-line bg-alarm-bg px-4 py-2 text-alarm">
          <bdi dir="auto">{run.error}</bdi>
        </p>
      )}
      <div className="grid lg:grid-cols-[minmax(0,1fr)_24rem] lg:min-h-72 [&>*]:border-b [&>*]:border-line lg:[&>:not(:first-child)]:border-s">
        <EquityPanel run={run.id} className="min-h-72" />
        <Facts run={run} />
      </div>
      <Tabs
        label={t('run.activity')}
        className="min-h-80 flex-1"
        value={tab}
        onChange={next => change({ tab: next === 'orders' ? undefined : next })}
        items={[
          {
            key: 'orders',
            label: t('nav.orders'),
            content: () => <RunOrders run={run} onOpen={open} selected={search.order} />,
          },
          { key: 'fills', label: t('fills.title'), content: () => <RunFills run={run} onOpen={open} /> },
          {
            key: 'positions',
            label: t('position.title'),
            content: () => <Positions filter={position => position.run === run.id} />,
          },
        ]}
      />
      {search.order && <OrderSheet id={search.order} onClose={() => change({ order: undefined })} />}
    </>
  )
}

function Facts({ run }: { run: RunView }): ReactNode {
  const titleOf = useStrategyTitles()
  const [editing, setEditing] = useState(false)
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      t('run.strategy'),
      <bdi key="s" dir="auto">
        {titleOf(run.strategy)}
      </bdi>,
    ],
    [
      t('order.instrument'),
      <Link key="i" to="/t/$pair" params={{ pair: slugOf(run.instrument) }} search={{}} className="text-link underline">
        <MarketName id={run.instrument} />
      </Link>,
    ],
    [t('run.interval'), <Sym key="v">{run.interval}</Sym>],
    [t('run.pnl'), <Num key="p" value={minus(run.equity, run.allocation)} decimals={2} change unit="USD" />],
    [t('run.allocated'), <Num key="a" value={run.allocation} decimals={2} unit="USD" />],
    [t('run.trades'), <Num key="t" value={run.trades} />],
    [t('run.startedAt'), <Time key="b" at={run.startedAt} />],
    [t('run.stoppedAt'), <Time key="e" at={run.stoppedAt} />],
  ]
  return (
    <Panel
      title={t('run.facts')}
      tools={
        may('runs:write') && (
          <button
            type="button"
            className="btn btn-bare"
            disabled={run.state === 'running' || run.state === 'stopping'}
            title={run.state === 'running' ? t('run.parameters.whileStopped') : undefined}
            onClick={() => setEditing(true)}
            data-testid="parameters-edit"
          >
            <Icon name="edit" />
            {t('run.parameters.edit')}
          </button>
        )
      }
    >
      <div className="min-h-0 flex-1 overflow-auto p-3">
        <Pairs pairs={facts} />
        <h3 className="mt-3 mb-1 font-semibold">{t('run.parameters')}</h3>
        <Pairs
          pairs={Object.entries(run.parameters).map(([name, value]) => [
            name,
            typeof value === 'number' ? <Num key={name} value={value} /> : <Sym key={name}>{writeValue(value)}</Sym>,
          ])}
          code
        />
      </div>
      {editing && <EditParameters run={run} onClose={() => setEditing(false)} />}
    </Panel>
  )
}

const Pairs = ({ pairs, code }: { pairs: readonly (readonly [string, ReactNode])[]; code?: boolean }): ReactNode => (
  <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
    {pairs.map(([name, value]) => (
      <div key={name} className="col-span-full grid grid-cols-subgrid">
        <dt className="text-text-2">{code ? <Sym mono>{name}</Sym> : name}</dt>
        <dd className="min-w-0 text-end break-words">{value}</dd>
      </div>
    ))}
  </dl>
)

function RunOrders({
  run,
  onOpen,
  selected,
}: {
  run: RunView
  onOpen: (id: string) => void
  selected: string | undefined
}): ReactNode {
  const read = useOrders('all', run.id)
  const streamed = useOrdersFeed().data
  const columns = useOrderColumns()
  const rows = useMemo(
    () => mergeOrders(read.data ?? [], streamed?.values() ?? [], order => order.run === run.id),
    [read.data, streamed, run.id],
  )
  const shown = useMemo(() => columns.filter(column => column.key !== 'run'), [columns])
  if (read.error && rows.length === 0) return <Failure error={read.error} onRetry={() => void read.refetch()} />
  if (read.isPending) return <Skeleton rows={6} />
  return (
    <>
      <div className="flex justify-end px-2 pt-1">
        <ExportButton name={`orders-${run.name}`} rows={rows} columns={columns} />
      </div>
      <Table
        label={t('nav.orders')}
        rows={rows}
        columns={shown}
        rowKey={order => order.id}
        onOpen={order => onOpen(order.id)}
        selected={selected}
        rowTestId="order-row"
        empty={<Note>{t('run.orders.empty')}</Note>}
      />
    </>
  )
}

function RunFills({ run, onOpen }: { run: RunView; onOpen: (id: string) => void }): ReactNode {
  const read = useFills(run.id)
  const streamed = useFillsFeed().data
  const columns = useFillColumns()
  const rows = useMemo(() => {
    const byId = new Map<string, FillView>()
    for (const fill of [...(read.data?.items ?? []), ...(streamed ?? [])])
      if (fill.run === run.id) byId.set(fill.id, fill)
    return [...byId.values()].sort((a, b) => b.at - a.at)
  }, [read.data, streamed, run.id])
  const shown = useMemo(() => columns.filter(column => column.key !== 'run'), [columns])
  if (read.error && rows.length === 0) return <Failure error={read.error} onRetry={() => void read.refetch()} />
  if (read.isPending) return <Skeleton rows={6} />
  return (
    <>
      <div className="flex justify-end px-2 pt-1">
        <ExportButton name={`fills-${run.name}`} rows={rows} columns={columns} />
      </div>
      <Table
        label={t('fills.title')}
        rows={rows}
        columns={shown}
        rowKey={fill => fill.id}
        onOpen={fill => onOpen(fill.order)}
        rowTestId="fill-row"
        empty={<Note>{t('fills.empty')}</Note>}
      />
    </>
  )
}
