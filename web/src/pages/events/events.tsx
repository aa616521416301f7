import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import type { EventView, Items } from '../../contract.ts'
import { useTopic } from '../../feed/use-feed.ts'
import { get } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { useTitle } from '../../shell/title.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Guard, Note, PageHead, problemText, Skeleton } from '../../ui/panel.tsx'
import { type Column, ExportButton } from '../../ui/table.tsx'
import { eventName } from '../shared/order-sheet.tsx'

const PAGE = 100
/** So many can be read back before one has to narrow the types. */
const OLDER_MAX = 2_000
const familyOf = (type: string): string => type.split('.')[0] ?? type

export default function EventsPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.events'))
  return (
    <Guard needs="events:read">
      <Feed />
    </Guard>
  )
}

function Feed(): ReactNode {
  const search = useSearch({ from: '/events' })
  const navigate = useNavigate({ from: '/events' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const { data } = useTopic<readonly EventView[]>('events')
  const older = useOlder(data)
  const all = useMemo(() => {
    const byId = new Map<string, EventView>()
    for (const event of [...older.events, ...(data ?? [])]) byId.set(event.id, event)
    return [...byId.values()].sort((a, b) => b.at - a.at || comparePositions(b.position, a.position))
  }, [older.events, data])
  const families = useMemo(() => [...new Set(all.map(event => familyOf(event.type)))].sort(), [all])
  const chosen = useMemo(() => search.type?.split(',').filter(Boolean) ?? [], [search.type])
  const wanted = useMemo(
    () => (chosen.length === 0 ? all : all.filter(event => chosen.includes(familyOf(event.type)))),
    [all, chosen],
  )
  const { rows, fresh, hold, show } = useHeld(wanted)

  const toggle = (family: string): void => {
    const next = chosen.includes(family) ? chosen.filter(one => one !== family) : [...chosen, family]
    change({ type: next.join(',') || undefined })
  }
  return (
    <>
      <PageHead title={t('nav.events')}>
        <ExportButton name="events" rows={rows} columns={COLUMNS} />
      </PageHead>
      <fieldset
        className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2"
        aria-label={t('events.filter')}
      >
        {families.map(family => (
          <button
            key={family}
            type="button"
            className={`btn ${chosen.includes(family) ? 'btn-primary' : ''}`}
            aria-pressed={chosen.includes(family)}
            onClick={() => toggle(family)}
            data-testid={`event-filter-${family}`}
          >
            <Sym>{family}</Sym>
          </button>
        ))}
        {chosen.length > 0 && (
          <button type="button" className="btn btn-bare" onClick={() => change({ type: undefined })}>
            {t('events.filter.clear')}
          </button>
        )}
        <span className="ms-auto" role="status">
          {fresh > 0 && (
            <button type="button" className="btn" onClick={show} data-testid="events-fresh">
              {rich('events.fresh', { n: <Num value={fresh} />, count: fresh })}
            </button>
          )}
        </span>
      </fieldset>
      {!data ? (
        <Skeleton rows={16} />
      ) : rows.length === 0 ? (
        <Note>{t('events.empty')}</Note>
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto" {...hold}>
          <ol aria-label={t('nav.events')}>
            {rows.map(event => (
              <Line
                key={event.id}
                event={event}
                open={search.event === event.id}
                onToggle={() => change({ event: search.event === event.id ? undefined : event.id })}
              />
            ))}
          </ol>
          <div className="flex flex-col items-center gap-2 p-4">
            {older.problem && <p role="alert">{problemText(older.problem)}</p>}
            <button
              type="button"
              className="btn"
              disabled={older.loading || older.end}
              onClick={() => void older.load(all.at(-1))}
            >
              {t(older.end ? 'events.older.end' : 'events.older')}
            </button>
          </div>
        </div>
      )}
    </>
  )
}

const COLUMNS: Column<EventView>[] = [
  { key: 'at', label: 'at', value: event => isoOf(event.at), cell: () => null },
  { key: 'type', label: 'type', value: event => event.type, cell: () => null },
  { key: 'subject', label: 'subject', value: event => event.subject, cell: () => null },
  { key: 'id', label: 'id', value: event => event.id, cell: () => null },
  { key: 'data', label: 'data', value: event => JSON.stringify(event.data), cell: () => null },
]

/** Positions are decimal texts that may be longer than a number can hold. */
const comparePositions = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

/** While somebody points at the list or reads in it by keyboard, it stays as it is and counts what is new. */
function useHeld(events: readonly EventView[]) {
  const [held, setHeld] = useState<readonly EventView[]>()
  const known = useMemo(() => held && new Set(held.map(event => event.id)), [held])
  const fresh = known ? events.filter(event => !known.has(event.id)).length : 0
  const sameFilter =
    held &&
    events.length >= held.length &&
    held.every((event, index) => index > 5 || events.some(other => other.id === event.id))
  return {
    rows: sameFilter ? held : events,
    fresh: sameFilter ? fresh : 0,
    show: () => setHeld(undefined),
    hold: {
      onPointerEnter: () => setHeld(events),
      onPointerLeave: () => setHeld(undefined),
      onFocus: () => setHeld(before => before ?? events),
      onBlur: () => setHeld(undefined),
    },
  }
}

function useOlder(streamed: readonly EventView[] | undefined) {
  const [events, setEvents] = useState<readonly EventView[]>([])
  const [loading, setLoading] = useState(false)
  const [end, setEnd] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  return {
    events,
    loading,
    problem,
    end: end || events.length >= OLDER_MAX || !streamed,
    load: async (oldest: EventView | undefined) => {
      setLoading(true)
      setProblem(undefined)
      try {
        const page = await get<Items<EventView>>('/v1/events', { before: oldest?.position, limit: PAGE })
        setEvents(before => [...before, ...page.items])
        setEnd(page.items.length < PAGE)
      } catch (error) {
        setProblem(error as Problem)
      } finally {
        setLoading(false)
      }
    },
  }
}

const BRIEF_MAX = 4
/** What says most comes first; what only names other things comes last. */
const WEIGHT = ['side', 'type', 'quantity', 'price', 'fee', 'reason', 'rule']
const NAMES = /^(run|feeAsset|fill|venueOrderId|at)$/
const weightOf = (name: string): number =>
  WEIGHT.includes(name) ? WEIGHT.indexOf(name) : NAMES.test(name) ? WEIGHT.length + 1 : WEIGHT.length

/** The few plain facts of an event that say most, in a line. */
const brief = (data: EventView['data']): string =>
  Object.entries(data)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .sort(([one], [other]) => weightOf(one) - weightOf(other))
    .slice(0, BRIEF_MAX)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(' · ')

function Line({ event, open, onToggle }: { event: EventView; open: boolean; onToggle: () => void }): ReactNode {
  return (
    <li className="border-b border-line" data-testid="event-row" data-type={event.type}>
      <button
        type="button"
        className="flex min-h-(--row) w-full flex-wrap items-center gap-x-4 px-4 py-1 text-start text-cell -outline-offset-2 hover:bg-surface"
        aria-expanded={open}
        onClick={onToggle}
      >
        <Icon name="chevron" size={14} className={open ? '' : '-rotate-90 rtl:rotate-90'} />
        <span className="text-text-2">
          <Time at={event.at} precision="milliseconds" timeOnly noZone />
        </span>
        <strong className="font-semibold sm:w-40">{eventName(event.type)}</strong>
        <span className="min-w-0 text-text-2 max-sm:hidden sm:w-72 sm:truncate">
          <Sym mono>{event.subject}</Sym>
        </span>
        <span className="min-w-0 flex-1 truncate text-text-2 max-lg:hidden">
          <Sym>{brief(event.data)}</Sym>
        </span>
      </button>
      {open && (
        <div className="border-t border-line bg-surface px-4 py-2">
          <p className="text-text-2">
            <Time at={event.at} precision="milliseconds" /> · <Sym mono>{event.type}</Sym> · <Sym mono>{event.id}</Sym>{' '}
            · <Sym>#{event.position}</Sym>
          </p>
          <pre
            dir="ltr"
            className="mt-1 overflow-x-auto font-mono text-cell whitespace-pre-wrap break-all"
            data-testid="event-json"
          >
            {JSON.stringify(event.data, null, 2)}
          </pre>
        </div>
      )}
    </li>
  )
}
