import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo } from 'react'
import type { InstrumentView } from '../../contract.ts'
import { useFillsFeed, useOpenOrders, useTicker } from '../../feed/use-feed.ts'
import { useInstruments } from '../../session/queries.ts'
import { useShortcuts } from '../../shell/keyboard.ts'
import { rememberPair } from '../../shell/last-pair.ts'
import { later } from '../../shell/later.tsx'
import { useTitle } from '../../shell/title.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Failure, Note, Skeleton } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { EquityPanel } from '../shared/equity-panel.tsx'
import { slugOf } from '../shared/instruments.ts'
import { MarketName } from '../shared/market-name.tsx'
import { useFillColumns, useOrderColumns } from '../shared/order-columns.tsx'
import { Positions } from '../shared/positions.tsx'
import { useWide } from '../shared/wide.ts'
import { Book } from './book.tsx'
import { INTERVALS, intervalOf } from './candles.ts'
import { Chart } from './chart.tsx'
import { Header } from './header.tsx'
import { GROUPS } from './ladder.ts'
import { Tape } from './tape.tsx'

/** Their place has a size whatever is in them: what changes inside is laid out there and nowhere else. */
const ALONE = 'flex-1 [contain:strict]'

const OrderSheet = later(() => import('../shared/order-sheet.tsx'))

export default function TradePage(): ReactNode {
  useLanguage()
  const { pair: slug } = useParams({ from: '/t/$pair' })
  const instruments = useInstruments()
  const items = instruments.data?.items
  const instrument = useMemo(() => find(items ?? [], slug), [items, slug])
  if (instruments.error) return <Failure error={instruments.error} onRetry={() => void instruments.refetch()} />
  if (!items) return <Skeleton rows={20} />
  if (!instrument)
    return (
      <Note>
        <h1 className="text-page font-semibold">{t('trade.unknownPair')}</h1>
        <p className="text-text-2">{t('trade.unknownPair.text', { pairs: items.map(item => item.pair).join(', ') })}</p>
      </Note>
    )
  return <Desk instrument={instrument} instruments={items} />
}

/** A pair without a venue is the paper market's or, where it has none such, the first venue's. */
const find = (items: readonly InstrumentView[], slug: string): InstrumentView | undefined =>
  items.find(item => slugOf(item.id) === slug) ?? items.find(item => item.pair.replace('/', '-') === slug)

function useTradeSearch() {
  const search = useSearch({ from: '/t/$pair' })
  const navigate = useNavigate({ from: '/t/$pair' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  return { search, change }
}

function Desk({
  instrument,
  instruments,
}: {
  instrument: InstrumentView
  instruments: readonly InstrumentView[]
}): ReactNode {
  const { search, change } = useTradeSearch()
  const navigate = useNavigate()
  const wide = useWide()
  const interval = intervalOf(search.interval)
  const group = GROUPS.find(times => String(times) === search.group) ?? 1
  useTitle(instrument.pair)
  useEffect(() => rememberPair(slugOf(instrument.id)), [instrument.id])

  const step = (by: number): void => {
    const at = instruments.findIndex(other => other.id === instrument.id)
    const next = instruments[(at + by + instruments.length) % instruments.length]
    if (next) void navigate({ to: '/t/$pair', params: { pair: slugOf(next.id) }, search: before => before })
  }
  useShortcuts({
    '[': () => step(-1),
    ']': () => step(1),
    ...Object.fromEntries(INTERVALS.map((one, index) => [String(index + 1), () => change({ interval: one })])),
  })

  const chart = (
    <Chart
      instrument={instrument}
      interval={interval}
      onInterval={next => change({ interval: next })}
      asTable={search.view === 'table'}
      onTable={on => change({ view: on ? 'table' : undefined })}
      className={ALONE}
    />
  )
  const book = (
    <Book
      instrument={instrument}
      group={group}
      onGroup={next => change({ group: next === 1 ? undefined : String(next) })}
      className={ALONE}
    />
  )
  const tape = <Tape instrument={instrument} className={ALONE} />
  const sheet = search.order && <OrderSheet id={search.order} onClose={() => change({ order: undefined })} />

  if (!wide)
    return (
      <div className="flex flex-col">
        <Header instrument={instrument} instruments={instruments} />
        <Narrow chart={chart} book={book} tape={tape} />
        <Blotter instrument={instrument} className="h-96 border-t border-line" />
        <EquityPanel run={null} className="h-72 border-t border-line" />
        {sheet}
      </div>
    )
  return (
    <div className="flex min-h-full flex-1 flex-col">
      <Header instrument={instrument} instruments={instruments} />
      <div className="grid min-h-[30rem] flex-[3] grid-cols-[minmax(0,1fr)_17rem_15rem] [&>*]:flex [&>*]:min-h-0 [&>:not(:first-child)]:border-s [&>:not(:first-child)]:border-line">
        <div>{chart}</div>
        <div>{book}</div>
        <div>{tape}</div>
      </div>
      <div className="grid min-h-64 flex-[2] grid-cols-[minmax(0,1fr)_32rem] border-t border-line [&>*]:flex [&>*]:min-h-0 [&>:not(:first-child)]:border-s [&>:not(:first-child)]:border-line">
        <div>
          <Blotter instrument={instrument} className="flex-1" />
        </div>
        <div>
          <EquityPanel run={null} className="flex-1" />
        </div>
      </div>
      {sheet}
    </div>
  )
}

function Narrow({ chart, book, tape }: { chart: ReactNode; book: ReactNode; tape: ReactNode }): ReactNode {
  const { search, change } = useTradeSearch()
  const view = search.view === 'book' || search.view === 'tape' ? search.view : 'chart'
  return (
    <Tabs
      label={t('trade.market')}
      className="h-[28rem]"
      value={view}
      onChange={next => change({ view: next === 'chart' ? undefined : next })}
      items={[
        { key: 'chart', label: t('chart.title'), content: () => chart },
        { key: 'book', label: t('book.title'), content: () => book },
        { key: 'tape', label: t('tape.title'), content: () => tape },
      ]}
    />
  )
}

const TABS = ['orders', 'fills', 'positions', 'markets'] as const

/** What is ours: orders, fills and positions, each with its count. */
function Blotter({ instrument, className }: { instrument: InstrumentView; className: string }): ReactNode {
  const { search, change } = useTradeSearch()
  const open = useOpenOrders()
  const tab = TABS.find(one => one === search.tab) ?? 'orders'
  return (
    <Tabs
      label={t('trade.ours')}
      className={className}
      value={tab}
      onChange={next => change({ tab: next === 'orders' ? undefined : next })}
      items={[
        {
          key: 'orders',
          label: (
            <>
              {t('orders.open')}{' '}
              <Num value={open?.length ?? null} ch={2} className="text-text-3" testId="open-orders-count" />
            </>
          ),
          content: () => <OpenOrders onOpen={id => change({ order: id })} selected={search.order} />,
        },
        { key: 'fills', label: t('fills.title'), content: () => <Fills onOpen={id => change({ order: id })} /> },
        { key: 'positions', label: t('position.title'), content: () => <Positions /> },
        { key: 'markets', label: t('markets.title'), content: () => <Markets current={instrument} /> },
      ]}
    />
  )
}

function OpenOrders({ onOpen, selected }: { onOpen: (id: string) => void; selected: string | undefined }): ReactNode {
  const open = useOpenOrders()
  const columns = useOrderColumns()
  if (!open) return <Skeleton rows={5} />
  return (
    <Table
      label={t('orders.open')}
      rows={open}
      columns={columns}
      rowKey={order => order.id}
      onOpen={order => onOpen(order.id)}
      selected={selected}
      rowTestId="order-row"
      empty={<Note>{t('orders.open.empty')}</Note>}
    />
  )
}

function Fills({ onOpen }: { onOpen: (order: string) => void }): ReactNode {
  const { data } = useFillsFeed()
  const columns = useFillColumns()
  const rows = useMemo(() => data && [...data].reverse(), [data])
  if (!rows) return <Skeleton rows={5} />
  return (
    <Table
      label={t('fills.title')}
      rows={rows}
      columns={columns}
      rowKey={fill => fill.id}
      onOpen={fill => onOpen(fill.order)}
      rowTestId="fill-row"
      empty={<Note>{t('fills.empty')}</Note>}
    />
  )
}

function Markets({ current }: { current: InstrumentView }): ReactNode {
  const { data } = useTicker()
  const navigate = useNavigate()
  const items = useInstruments().data?.items ?? []
  if (!data) return <Skeleton rows={5} />
  return (
    <Table
      label={t('markets.title')}
      rows={items}
      rowKey={item => item.id}
      selected={current.id}
      onOpen={item => void navigate({ to: '/t/$pair', params: { pair: slugOf(item.id) }, search: before => before })}
      columns={[
        {
          key: 'pair',
          label: t('order.instrument'),
          value: item => item.pair,
          cell: item => <MarketName id={item.id} />,
        },
        {
          key: 'last',
          label: t('ticker.last'),
          numeric: true,
          value: item => data.get(item.id)?.last,
          cell: item => <Num value={data.get(item.id)?.last} step={item.tick} ch={10} />,
        },
        {
          key: 'change',
          label: t('ticker.change'),
          numeric: true,
          value: item => data.get(item.id)?.change24h,
          cell: item => <Num value={data.get(item.id)?.change24h} percent change ch={9} />,
        },
        {
          key: 'bid',
          label: t('ticker.bid'),
          numeric: true,
          wide: 'sm',
          value: item => data.get(item.id)?.bid,
          cell: item => <Num value={data.get(item.id)?.bid} step={item.tick} ch={10} />,
        },
        {
          key: 'ask',
          label: t('ticker.ask'),
          numeric: true,
          wide: 'sm',
          value: item => data.get(item.id)?.ask,
          cell: item => <Num value={data.get(item.id)?.ask} step={item.tick} ch={10} />,
        },
        {
          key: 'volume',
          label: t('ticker.volume'),
          numeric: true,
          wide: 'md',
          value: item => data.get(item.id)?.volume24h,
          cell: item => <Num value={data.get(item.id)?.volume24h} decimals={0} unit={item.base} ch={12} />,
        },
      ]}
      empty={null}
    />
  )
}
