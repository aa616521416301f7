import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { useFreshness, useVenues } from '../../feed/use-feed.ts'
import { useReconciliations } from '../../session/queries.ts'
import { useTitle } from '../../shell/title.ts'
import { Sym } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Guard, Lacking, Note, PageHead, Panel, Skeleton } from '../../ui/panel.tsx'
import { Age } from '../../ui/stale.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { lastByVenue } from '../shared/comparisons.ts'
import { BookMatrix } from './book-matrix.tsx'
import { Overview } from './overview.tsx'
import { VenueSheet } from './venue-sheet.tsx'

/** How many venues there are room for while they are read. */
const ROWS_WAITING = 8

export default function VenuesPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.venues'))
  const search = useSearch({ from: '/venues' })
  const navigate = useNavigate({ from: '/venues' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const { data: venues, at, refused } = useVenues()
  const runs = useReconciliations()
  const last = useMemo(() => lastByVenue(runs.data?.items ?? []), [runs.data])
  const opened = venues?.find(venue => venue.name === search.venue)
  return (
    <Guard needs="venues:read">
      <PageHead title={t('nav.venues')}>
        {venues && <Age at={at} />}
        <Link to="/reconciliation" className="text-link underline">
          {t('nav.reconciliation')}
        </Link>
      </PageHead>
      {refused && !venues ? (
        <Note>
          <p role="alert">
            <bdi dir="auto">{refused.detail}</bdi>
          </p>
        </Note>
      ) : !venues ? (
        <Skeleton rows={ROWS_WAITING * 2} />
      ) : (
        <>
          {search.venue && !opened && (
            <p className="flex flex-wrap items-center gap-x-3 bg-stale-bg px-4 py-1 text-stale" role="status">
              <span className="flex-1">{t('venue.notHere', { name: search.venue })}</span>
              <button type="button" className="btn text-text" onClick={() => change({ venue: undefined })}>
                {t('venue.showAll')}
              </button>
            </p>
          )}
          {runs.error && <Lacking error={runs.error} onRetry={() => void runs.refetch()} />}
          <LastKnown at={at}>
            <Overview
              venues={venues}
              last={last}
              sort={parseSort(search.sort)}
              onSort={sort => change({ sort: sortText(sort) })}
              selected={search.venue}
              onOpen={venue => change({ venue: venue.name })}
            />
            {venues.length > 0 && (
              <Panel title={t('venues.books')} tools={<Legend />} className="border-t border-line">
                <BookMatrix venues={venues} />
              </Panel>
            )}
          </LastKnown>
        </>
      )}
      {opened && (
        <VenueSheet
          venue={opened}
          last={last.get(opened.name)}
          onAsked={() => void runs.refetch()}
          onClose={() => change({ venue: undefined })}
        />
      )}
    </Guard>
  )
}

/** Figures that are too old are struck; the words around them and their ages are not. */
function LastKnown({ at, children }: { at: number; children: ReactNode }): ReactNode {
  const { freshness } = useFreshness(at)
  return (
    <div
      className={`flex flex-col ${freshness === 'stale' || freshness === 'lost' ? 'bg-stale-bg' : ''}`}
      data-freshness={freshness}
    >
      {children}
    </div>
  )
}

const Legend = (): ReactNode => (
  <span className="flex flex-wrap items-center gap-x-4 pe-1 text-caption text-text-2">
    <span>
      <Sym>◆</Sym> {t('venues.books.legend.best')}
    </span>
    <span>
      <s className="decoration-2 decoration-stale">0.0</s> {t('venues.books.legend.stale')}
    </span>
  </span>
)
