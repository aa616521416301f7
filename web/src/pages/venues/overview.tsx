import { type ReactNode, useMemo } from 'react'
import type { ReconciliationView, VenueView } from '../../contract.ts'
import { Num, Sym } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Note } from '../../ui/panel.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import type { Sort } from '../../ui/table-model.ts'
import { ComparisonResult } from '../shared/compare-now.tsx'
import { Mode, Score, StreamState, troubleText } from './marks.tsx'
import { RateBar } from './rate-bar.tsx'
import { fullest, troublesOf } from './troubles.ts'

interface OverviewProps {
  readonly venues: readonly VenueView[]
  readonly last: ReadonlyMap<string, ReconciliationView>
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort | undefined) => void
  readonly selected: string | undefined
  readonly onOpen: (venue: VenueView) => void
}

const callsOf = (venue: VenueView, kind: 'order' | 'cancel' | 'query') => venue.calls.find(one => one.kind === kind)
const errorsOf = (venue: VenueView): number => venue.calls.reduce((sum, one) => sum + one.errors, 0)
const madeOf = (venue: VenueView): number => venue.calls.reduce((sum, one) => sum + one.calls, 0)
const streamOf = (venue: VenueView, name: 'market' | 'account') => venue.streams.find(one => one.name === name)

/** One row a venue: enough to see which one needs a look. */
export function Overview({ venues, last, ...table }: OverviewProps): ReactNode {
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts follow the language
  const columns = useMemo(() => columnsWith(last), [last, language])
  return (
    <Table
      label={t('nav.venues')}
      rows={venues}
      columns={columns}
      rowKey={venue => venue.name}
      rowTestId="venue-row"
      empty={
        <Note>
          <p>{t('venues.empty')}</p>
          <p className="text-text-2">{t('venues.empty.how')}</p>
        </Note>
      }
      {...table}
    />
  )
}

const columnsWith = (last: ReadonlyMap<string, ReconciliationView>): readonly Column<VenueView>[] => [
  {
    key: 'venue',
    label: t('venue.name'),
    value: venue => venue.title,
    cell: venue => (
      <span className="inline-flex items-center gap-2">
        <strong className="font-semibold">
          <Sym>{venue.title}</Sym>
        </strong>
        <Mode mode={venue.mode} />
      </span>
    ),
  },
  {
    key: 'health',
    label: t('venue.health'),
    value: venue => venue.health?.score,
    cell: venue => <Score score={venue.health?.score} />,
  },
  {
    key: 'state',
    label: t('venue.state'),
    value: venue => troublesOf(venue).length,
    cell: venue => <Troubles venue={venue} />,
  },
  {
    key: 'market',
    label: t('venue.stream.market'),
    wide: 'md',
    value: venue => streamOf(venue, 'market')?.state,
    cell: venue => <StreamState stream={streamOf(venue, 'market')} />,
  },
  {
    key: 'account',
    label: t('venue.stream.account'),
    wide: 'md',
    value: venue => streamOf(venue, 'account')?.state,
    cell: venue => <StreamState stream={streamOf(venue, 'account')} />,
  },
  {
    key: 'p99',
    label: t('venue.orderP99'),
    numeric: true,
    wide: 'xl',
    value: venue => callsOf(venue, 'order')?.p99Ms,
    cell: venue => <Num value={callsOf(venue, 'order')?.p99Ms} decimals={0} unit="ms" ch={7} />,
  },
  {
    key: 'errors',
    label: t('venue.errors'),
    numeric: true,
    wide: 'xl',
    value: errorsOf,
    cell: venue => (
      <bdi dir="ltr">
        <Num value={errorsOf(venue)} ch={2} /> / <Num value={madeOf(venue)} ch={4} />
      </bdi>
    ),
  },
  {
    key: 'skew',
    label: t('venue.skew'),
    numeric: true,
    wide: 'xl',
    value: venue => venue.skewMs,
    cell: venue => <Num value={venue.skewMs} decimals={0} sign="always" unit="ms" ch={7} />,
  },
  {
    key: 'rate',
    label: t('venue.rate.fullest'),
    wide: 'lg',
    value: venue => share(venue),
    cell: venue => {
      const rate = fullest(venue.rates)
      return rate ? <RateBar rate={rate} /> : <Num value={null} />
    },
  },
  {
    key: 'compared',
    label: t('venue.lastCompared'),
    wide: 'lg',
    value: venue => last.get(venue.name)?.finishedAt,
    cell: venue => <ComparisonResult run={last.get(venue.name)} />,
  },
]

const share = (venue: VenueView): number | undefined => {
  const rate = fullest(venue.rates)
  return rate && rate.used / rate.max
}

function Troubles({ venue }: { venue: VenueView }): ReactNode {
  const troubles = troublesOf(venue)
  const [first, ...others] = troubles
  if (!first) return <span className="text-text-2">{t('venue.state.well')}</span>
  return (
    <span
      className="flex max-w-60 max-sm:max-w-28 items-center gap-1.5"
      title={troubles.map(troubleText).join('\n')}
      data-testid="venue-trouble"
    >
      <span className="truncate">
        <bdi>{troubleText(first)}</bdi>
      </span>
      {others.length > 0 && (
        <span className="chip bg-surface2 text-text-2">
          <Num value={others.length} sign="always" />
        </span>
      )}
    </span>
  )
}
