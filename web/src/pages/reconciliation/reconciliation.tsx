import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { useVenues } from '../../feed/use-feed.ts'
import { useDiscrepancies, useReconciliations } from '../../session/queries.ts'
import { useTitle } from '../../shell/title.ts'
import { Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Failure, Guard, Lacking, Note, PageHead, Panel, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { CompareNow, ComparisonResult } from '../shared/compare-now.tsx'
import { byGravity, isWaiting, lastByVenue } from '../shared/comparisons.ts'
import { Discrepancies } from './discrepancies.tsx'
import { Runs } from './runs.tsx'

const SHOWN = ['all', 'waiting'] as const
type Change = (values: Record<string, string | undefined>) => void

export default function ReconciliationPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.reconciliation'))
  const search = useSearch({ from: '/reconciliation' })
  const navigate = useNavigate({ from: '/reconciliation' })
  const change: Change = values => void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const runs = useReconciliations(search.venue)
  const titleOf = useTitles()
  return (
    <Guard needs="venues:read">
      <PageHead title={t('nav.reconciliation')}>
        <Link to="/venues" className="text-link underline">
          {t('nav.venues')}
        </Link>
      </PageHead>
      <Filters venue={search.venue} show={search.show} change={change} />
      <VenueStrip venue={search.venue} />
      <div className="grid content-start flex-1 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Found venue={search.venue} show={search.show} change={change} />
        <Panel title={t('compare.runs')} className="border-line max-xl:border-t xl:border-s" testId="comparisons">
          {runs.error && runs.data && <Lacking error={runs.error} onRetry={() => void runs.refetch()} />}
          {runs.data ? (
            <Runs
              runs={runs.data.items}
              titleOf={titleOf}
              sort={parseSort(search.sort)}
              onSort={sort => change({ sort: sortText(sort) })}
            />
          ) : runs.error ? (
            <Failure error={runs.error} onRetry={() => void runs.refetch()} />
          ) : (
            <Skeleton rows={8} />
          )}
        </Panel>
      </div>
    </Guard>
  )
}

/** What a venue is called; its own name where it is not connected any more. */
function useTitles(): (venue: string) => string {
  const venues = useVenues().data
  return useMemo(() => {
    const titles = new Map(venues?.map(({ name, title }) => [name, title]))
    return venue => titles.get(venue) ?? venue
  }, [venues])
}

interface FilterProps {
  readonly venue: string | undefined
  readonly show: string | undefined
  readonly change: Change
}

function Filters({ venue, show, change }: FilterProps): ReactNode {
  const venues = useVenues().data ?? []
  const isListed = venue === undefined || venues.some(({ name }) => name === venue)
  return (
    <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
      <Segment
        label={t('discrepancy.show')}
        options={SHOWN.map(one => [one, t(`discrepancy.show.${one}`)] as const)}
        value={SHOWN.find(one => one === show) ?? 'all'}
        onChange={one => change({ show: one === 'all' ? undefined : one })}
        testId="discrepancies-show"
      />
      <label className="flex items-center gap-2">
        <span className="text-text-2">{t('venue.name')}</span>
        <select
          className="field w-40"
          value={venue ?? ''}
          onChange={event => change({ venue: event.target.value || undefined })}
          data-testid="reconciliation-venue"
        >
          <option value="">{t('compare.allVenues')}</option>
          {venues.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          {!isListed && <option value={venue}>{venue}</option>}
        </select>
      </label>
    </div>
  )
}

/** Where each venue stands, and a button to compare it now. */
function VenueStrip({ venue }: { venue: string | undefined }): ReactNode {
  const { data: venues } = useVenues()
  const runs = useReconciliations()
  const last = useMemo(() => lastByVenue(runs.data?.items ?? []), [runs.data])
  const shown = venues?.filter(({ name }) => venue === undefined || name === venue) ?? []
  if (shown.length === 0) return null
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,18rem),1fr))] border-line">
      {shown.map(({ name, title }) => (
        <li
          key={name}
          className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-1.5"
          data-testid="compare-venue"
        >
          <span className="min-w-0 flex-1">
            <strong className="block font-semibold">
              <Sym>{title}</Sym>
            </strong>
            <ComparisonResult run={last.get(name)} />
          </span>
          <CompareNow venue={name} title={title} last={last.get(name)} onAsked={() => void runs.refetch()} />
        </li>
      ))}
    </ul>
  )
}

function Found({ venue, show, change }: FilterProps): ReactNode {
  const read = useDiscrepancies(venue)
  const titleOf = useTitles()
  const all = useMemo(() => byGravity(read.data?.items ?? []), [read.data])
  const waiting = all.filter(isWaiting)
  const found = show === 'waiting' ? waiting : all
  return (
    <Panel
      title={t('discrepancy.title')}
      testId="discrepancies-panel"
      tools={
        read.data && (
          <span className="pe-2 text-text-2" data-testid="discrepancies-count">
            {rich('discrepancy.count', {
              n: <Num key="n" value={all.length} />,
              count: all.length,
              waiting: <Num key="w" value={waiting.length} />,
            })}
          </span>
        )
      }
    >
      {read.error && read.data && <Lacking error={read.error} onRetry={() => void read.refetch()} />}
      {read.error && !read.data ? (
        <Failure error={read.error} onRetry={() => void read.refetch()} />
      ) : !read.data ? (
        <Skeleton rows={8} />
      ) : found.length > 0 ? (
        <Discrepancies found={found} titleOf={titleOf} />
      ) : (
        <Note>
          <p className="font-medium">{t(show === 'waiting' ? 'discrepancy.empty.waiting' : 'discrepancy.empty')}</p>
          <p className="text-text-2">{t('discrepancy.empty.what')}</p>
          {(show || venue) && (
            <button type="button" className="btn mt-2" onClick={() => change({ show: undefined, venue: undefined })}>
              {t('discrepancy.showAll')}
            </button>
          )}
        </Note>
      )}
    </Panel>
  )
}
