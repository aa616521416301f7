import { Link, Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Fragment, type ReactNode, useCallback, useMemo, useState } from 'react'
import { useShortcuts } from '../../shell/keyboard.ts'
import { useTitle } from '../../shell/title.ts'
import { Sym } from '../../show/show.tsx'
import { enMoney } from '../../text/en-money.ts'
import { addTexts, rich, t, useLanguage } from '../../text/text.tsx'
import { Failure, Note, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useWide } from '../shared/wide.ts'
import { BookPanel, useOwnPrices } from '../trade/book.tsx'
import { INTERVALS, intervalOf } from '../trade/candles.ts'
import { Chart } from '../trade/chart.tsx'
import { GROUPS } from '../trade/ladder.ts'
import { Tape } from '../trade/tape.tsx'
import { Balances } from './balances.tsx'
import { Blotter } from './blotter.tsx'
import { type HouseInstrument, useHouseBook, useHouseFills, useHouseInstruments, useHouseOrders } from './data.ts'
import { DepthPanel } from './depth-chart.tsx'
import { HouseHeader, houseSlug } from './house-header.tsx'
import { Ticket } from './ticket.tsx'

addTexts(enMoney)

/** Where one comes to without saying which. */
const FIRST = 'XRP-USD'
/** Their place has a size whatever is in them: what changes inside is laid out there and nowhere else. */
const ALONE = 'flex-1 [contain:strict]'

export default function ExchangePage(): ReactNode {
  useLanguage()
  const slug = useParams({ strict: false, select: params => (params as { instrument?: string }).instrument })
  const instruments = useHouseInstruments()
  const items = instruments.data
  useTitle(t('nav.exchange'))
  if (instruments.error && !items)
    return <Failure error={instruments.error} onRetry={() => void instruments.refetch()} />
  if (!items) return <Skeleton rows={20} />
  const instrument =
    items.find(item => [houseSlug(item), item.id].includes(slug ?? FIRST)) ??
    (slug === undefined ? items[0] : undefined)
  if (!instrument) return <Unknown instruments={items} />
  // Its id is taken as well, and leads to the address that the page has for it.
  if (slug === instrument.id)
    return (
      <Navigate
        to="/exchange/$instrument"
        params={{ instrument: houseSlug(instrument) }}
        search={before => before}
        replace
      />
    )
  return <Desk instrument={instrument} instruments={items} />
}

function Unknown({ instruments }: { instruments: readonly HouseInstrument[] }): ReactNode {
  const pairs = instruments.map((item, index) => (
    <Fragment key={item.id}>
      {index > 0 && ' · '}
      <Link
        to="/exchange/$instrument"
        params={{ instrument: houseSlug(item) }}
        className="text-link underline"
        data-testid="known-pair"
      >
        <Sym>{item.pair}</Sym>
      </Link>
    </Fragment>
  ))
  return (
    <Note>
      <h1 className="text-page font-semibold">{t('trade.unknownPair')}</h1>
      <p className="text-text-2">{rich('trade.unknownPair.text', { pairs })}</p>
    </Note>
  )
}

function Desk({
  instrument,
  instruments,
}: {
  instrument: HouseInstrument
  instruments: readonly HouseInstrument[]
}): ReactNode {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>
  const navigate = useNavigate()
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ to: '.', search: before => ({ ...before, ...values }), replace: true })
  const wide = useWide()
  const interval = intervalOf(search.interval)
  const group = GROUPS.find(times => String(times) === search.group) ?? 1
  const { book, knownAt } = useHouseBook(instrument.id)
  const { open } = useHouseOrders()
  const own = useOwnPrices(open, instrument, group)
  const allFills = useHouseFills()
  const fills = useMemo(
    () => (allFills ?? []).filter(fill => fill.instrument === instrument.id),
    [allFills, instrument.id],
  )
  const [chosen, setChosen] = useState<{ price: string }>()
  const onPrice = useCallback((price: string) => setChosen({ price }), [])

  const step = (by: number): void => {
    const at = instruments.findIndex(other => other.id === instrument.id)
    const next = instruments[(at + by + instruments.length) % instruments.length]
    if (next)
      void navigate({
        to: '/exchange/$instrument',
        params: { instrument: houseSlug(next) },
        search: before => before,
      })
  }
  useShortcuts({
    '[': () => step(-1),
    ']': () => step(1),
    ...Object.fromEntries(INTERVALS.map((one, index) => [String(index + 1), () => change({ interval: one })])),
  })

  const switcher = wide && (
    <Segment
      label={t('depth.or')}
      options={[
        ['chart', t('chart.title')],
        ['depth', t('depth.title')],
      ]}
      value={search.view === 'depth' ? 'depth' : 'chart'}
      onChange={next => change({ view: next === 'chart' ? undefined : next })}
      testId="picture"
    />
  )
  const chart = (
    <Chart
      instrument={instrument}
      interval={interval}
      onInterval={next => change({ interval: next })}
      asTable={search.view === 'table'}
      onTable={on => change({ view: on ? 'table' : undefined })}
      fills={fills}
      switcher={switcher}
      className={ALONE}
    />
  )
  const depth = <DepthPanel book={book} instrument={instrument} switcher={switcher} />
  const ladder = (
    <BookPanel
      instrument={instrument}
      group={group}
      onGroup={next => change({ group: next === 1 ? undefined : String(next) })}
      book={book}
      own={own}
      knownAt={knownAt}
      onPrice={onPrice}
      className={ALONE}
    />
  )
  const tape = <Tape instrument={instrument} className={ALONE} />
  const header = <HouseHeader instrument={instrument} instruments={instruments} knownAt={knownAt} />
  const ticket = (className: string): ReactNode => (
    <Ticket instrument={instrument} book={book} knownAt={knownAt} chosen={chosen} className={className} />
  )
  const blotter = (className: string): ReactNode => (
    <Blotter instrument={instrument} tab={search.tab} onTab={tab => change({ tab })} className={className} />
  )

  if (!wide)
    return (
      <div className="flex flex-col">
        {header}
        <Tabs
          label={t('trade.market')}
          className="h-[26rem]"
          value={(['book', 'tape', 'depth'] as const).find(one => one === search.view) ?? 'chart'}
          onChange={next => change({ view: next === 'chart' ? undefined : next })}
          items={[
            { key: 'chart', label: t('chart.title'), content: () => chart },
            { key: 'depth', label: t('depth.title'), content: () => depth },
            { key: 'book', label: t('book.title'), content: () => ladder },
            { key: 'tape', label: t('tape.title'), content: () => tape },
          ]}
        />
        {ticket('min-h-[26rem] border-t border-line')}
        {blotter('h-80 border-t border-line')}
        <Balances asset={instrument.quote} className="h-80 border-t border-line" />
      </div>
    )
  return (
    <div className="flex min-h-full flex-1 flex-col">
      {header}
      <div className="grid min-h-[36rem] flex-[3] grid-cols-[minmax(0,1fr)_17rem_20rem] [&>*]:flex [&>*]:min-h-0 [&>*]:flex-col [&>:not(:first-child)]:border-s [&>:not(:first-child)]:border-line">
        <div>{search.view === 'depth' ? depth : chart}</div>
        <div className="[&>*]:min-h-0">
          {ladder}
          <div className="flex h-56 shrink-0 border-t border-line">{tape}</div>
        </div>
        <div>{ticket('flex-1')}</div>
      </div>
      <div className="grid min-h-60 flex-[2] grid-cols-[minmax(0,1fr)_26rem] border-t border-line [&>*]:flex [&>*]:min-h-0 [&>:not(:first-child)]:border-s [&>:not(:first-child)]:border-line">
        <div>{blotter('flex-1')}</div>
        <div>
          <Balances asset={instrument.quote} className="flex-1" />
        </div>
      </div>
    </div>
  )
}
