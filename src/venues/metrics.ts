import type { Metrics, Reading } from '../platform/index.ts'
import type { ConnectedVenueOptions, VenueAtWork } from './connected-venue.ts'
import type { StreamCounts } from './streams/index.ts'
import type { VenueView } from './views.ts'

const BREAKER_STATES = ['closed', 'half_open', 'open'] as const

/**
 * What Prometheus is told of the venues: most of it is read when somebody asks. Calls are counted as they end, by what is
 * given back, one for each venue. Labels are names of venues, kinds and buckets, all of them known beforehand.
 */
export function venueMetrics(
  metrics: Metrics,
  venues: () => readonly VenueAtWork[],
): (venue: string) => NonNullable<ConnectedVenueOptions['onCall']> {
  const each = <Label extends string>(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    labels: readonly Label[],
    read: (view: VenueView, venue: VenueAtWork) => readonly (readonly [...values: string[], value: number])[],
  ) =>
    metrics.readings(type, `bourse_venue_${name}`, help, ['venue', ...labels], () =>
      venues().flatMap(venue => read(venue.view(null), venue).map(row => readingOf(venue.name, labels, row))),
    )
  const counted = <Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: (counts: StreamCounts) => readonly (readonly [...values: string[], value: number])[],
  ) => each('counter', name, help, labels, (_, { streamCounts }) => (streamCounts === null ? [] : read(streamCounts)))
  each('gauge', 'health_score', 'How well a venue does, 0 to 100', [], ({ health }) =>
    health === null ? [] : [[health.score]],
  )
  each('gauge', 'breaker_state', '1 for the state that a breaker is in', ['kind', 'state'], ({ calls }) =>
    calls.flatMap(({ kind, breaker }) =>
      BREAKER_STATES.map(state => [kind, state, Number(breaker === state)] as const),
    ),
  )
  each('gauge', 'stream_ready', '1 while a stream is connected and subscribed', ['stream'], ({ streams }) =>
    streams.map(({ name, state }) => [name, Number(state === 'ready')]),
  )
  each('counter', 'stream_reconnects_total', 'Connections that have ended and were tried again', ['stream'], view =>
    view.streams.map(({ name, reconnects }) => [name, reconnects]),
  )
  each('gauge', 'books', 'Watched books', [], ({ books }) => [[books.length]])
  each('gauge', 'books_stale', 'Watched books that may not be traded on', [], ({ books }) => [
    [books.filter(({ staleness }) => staleness !== null).length],
  ])
  counted('stream_messages_total', 'Frames of the public streams', [], one => [[one.messages]])
  counted('book_updates_total', 'Snapshots and changes written into books', [], one => [[one.applied]])
  counted('book_faults_total', 'Holes in the numbering of books, and wrong checksums', ['fault'], one => [
    ['gap', one.gaps],
    ['checksum', one.checksumsBad],
  ])
  counted('book_resubscriptions_total', 'Books that were lost and asked for anew', [], one => [[one.resubscribed]])
  each('gauge', 'rate_used_ratio', 'Share of a limit of the venue that is used', ['bucket'], ({ rates }) =>
    fullest(rates),
  )
  each('gauge', 'requests_waiting', 'Requests that wait for room in the limits', [], ({ waiting }) => [[waiting]])
  each('gauge', 'clock_skew_seconds', 'The venue’s clock less ours', [], ({ skewMs }) =>
    skewMs === null ? [] : [[skewMs / 1_000]],
  )
  const labels = ['venue', 'kind', 'result'] as const
  const calls = metrics.counter('bourse_venue_calls_total', 'Requests to a venue, by what came of them', labels)
  const seconds = metrics.histogram('bourse_venue_call_seconds', 'From a request to its answer, without our waits', {
    labels: ['venue', 'kind'] as const,
  })
  return venue => (kind, result, lastedMs) => {
    calls.inc({ venue, kind, result })
    seconds.observe({ venue, kind }, lastedMs / 1_000)
  }
}

function readingOf<Label extends string>(
  venue: string,
  labels: readonly Label[],
  row: readonly [...values: string[], value: number],
): Reading<Label | 'venue'> {
  const named = labels.map((label, i) => [label, row[i]])
  return { labels: { venue, ...Object.fromEntries(named) }, value: row.at(-1) as number }
}

/** Of the buckets that there is one of for each pair, the fullest: pairs are no labels. */
function fullest(rates: VenueView['rates']): [bucket: string, share: number][] {
  const shares = new Map<string, number>()
  for (const { bucket: key, used, max } of rates) {
    const [bucket = key] = key.split(' ', 1)
    shares.set(bucket, Math.max(shares.get(bucket) ?? 0, used / max))
  }
  return [...shares]
}
