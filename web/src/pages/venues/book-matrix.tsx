import { type ReactNode, useMemo } from 'react'
import type { VenueBookView, VenueView } from '../../contract.ts'
import { Ago, Num, Sym } from '../../show/show.tsx'
import { rich, t } from '../../text/text.tsx'
import { Note } from '../../ui/panel.tsx'
import { useWide } from '../shared/wide.ts'
import { isBest, type PairRow, pairRows, spreadBps } from './books.ts'
import { wordOf } from './marks.tsx'

/** The best prices of every pair at every venue: a row a pair where there is room, a table a pair where there is not. */
export function BookMatrix({ venues }: { venues: readonly VenueView[] }): ReactNode {
  const rows = useMemo(() => pairRows(venues), [venues])
  const wide = useWide()
  if (rows.length === 0)
    return (
      <Note>
        <p>{t('venues.books.empty')}</p>
      </Note>
    )
  return wide ? <Matrix venues={venues} rows={rows} /> : <Stack venues={venues} rows={rows} />
}

interface RowsProps {
  readonly venues: readonly VenueView[]
  readonly rows: readonly PairRow[]
}

const Matrix = ({ venues, rows }: RowsProps): ReactNode => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keys
  <div className="overflow-auto" tabIndex={0} data-testid="book-matrix">
    <table className="grid-table">
      <caption className="sr-only">{t('venues.books')}</caption>
      <thead>
        <tr>
          <th scope="col" className="start-0 z-2">
            {t('venue.pair')}
          </th>
          {venues.map(({ name, title }) => (
            <th key={name} scope="col" className="px-1.5">
              <span className="flex items-baseline justify-between gap-3">
                <strong className="font-semibold text-text">
                  <Sym>{title}</Sym>
                </strong>
                <span aria-hidden="true" className="text-caption font-normal">
                  {t('venues.books.sides')}
                </span>
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.pair} data-testid="book-pair" data-pair={row.pair}>
            <th scope="row" className="start-0 bg-bg">
              <PairName row={row} />
            </th>
            {venues.map(({ name }) => (
              <td key={name} className="border-s border-line px-1.5 py-1 align-top">
                <Cell row={row} book={row.books.get(name)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const PairName = ({ row }: { row: PairRow }): ReactNode => (
  <span className="flex flex-col py-1">
    <strong className="font-semibold text-text">
      <Sym>{row.pair}</Sym>
    </strong>
    <Across row={row} />
  </span>
)

const Across = ({ row }: { row: PairRow }): ReactNode => (
  <span className="text-caption font-normal text-text-2" title={t('venues.books.across.what')}>
    {rich('venues.books.across', { bps: <Num value={row.acrossBps} unit="bps" ch={8} /> })}
  </span>
)

const STRUCK = 'text-text-2 line-through decoration-2 decoration-stale'

/** A price with what tells of it: the best of its side, or not to be traded on. */
function Side({ book, side, row }: { book: VenueBookView; side: 'bid' | 'ask'; row: PairRow }): ReactNode {
  const best = isBest(book, side, row)
  return (
    <span
      className={`inline-flex items-baseline gap-0.5 ${side === 'ask' ? '' : 'flex-row-reverse'}`}
      data-testid={`book-${side}`}
      data-best={best || undefined}
    >
      <Num
        value={book[side]}
        ch={6}
        className={book.staleness !== null ? STRUCK : best ? 'font-semibold' : undefined}
      />
      <span aria-hidden="true" className="w-[1em] text-center text-[0.7em]">
        {best ? '◆' : ''}
      </span>
      {best && <span className="sr-only">{t(`venues.books.best.${side}`)}</span>}
    </span>
  )
}

const Stale = ({ why }: { why: string }): ReactNode => (
  <span className="chip min-h-4 bg-stale-bg px-1 text-stale" data-testid="book-stale" data-why={why}>
    {wordOf(`venue.staleness.${why}`, why)}
  </span>
)

function Cell({ row, book }: { row: PairRow; book: VenueBookView | undefined }): ReactNode {
  if (!book) return <span className="text-text-3">{t('venues.books.none')}</span>
  return (
    <span className="grid min-w-33 gap-y-0.5">
      <bdi dir="ltr" className="flex justify-between gap-2">
        <Side book={book} side="bid" row={row} />
        <Side book={book} side="ask" row={row} />
      </bdi>
      <span className="flex min-h-4 items-center justify-between gap-1 text-caption text-text-2">
        {book.staleness === null ? (
          <Num value={spreadBps(book.bid, book.ask)} unit="bps" ch={7} />
        ) : (
          <Stale why={book.staleness} />
        )}
        <Ago at={book.at} />
      </span>
    </span>
  )
}

const Stack = ({ venues, rows }: RowsProps): ReactNode => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keys
  <div className="overflow-x-auto" tabIndex={0} data-testid="book-matrix">
    <table className="grid-table">
      <caption className="sr-only">{t('venues.books')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('venue.name')}</th>
          <th scope="col" data-end>
            {t('book.bid')}
          </th>
          <th scope="col" data-end>
            {t('book.ask')}
          </th>
          <th scope="col" data-end>
            {t('venues.books.spread')}
          </th>
        </tr>
      </thead>
      {rows.map(row => (
        <tbody key={row.pair} data-testid="book-pair" data-pair={row.pair}>
          <tr>
            <th scope="rowgroup" colSpan={4}>
              <span className="flex items-baseline justify-between gap-3">
                <strong className="text-body font-semibold text-text">
                  <Sym>{row.pair}</Sym>
                </strong>
                <Across row={row} />
              </span>
            </th>
          </tr>
          {venues.map(({ name, title }) => (
            <StackRow key={name} title={title} book={row.books.get(name)} row={row} />
          ))}
        </tbody>
      ))}
    </table>
  </div>
)

function StackRow({ title, book, row }: { title: string; book: VenueBookView | undefined; row: PairRow }): ReactNode {
  if (!book) return null
  return (
    <tr>
      <th scope="row" className="bg-bg font-medium text-text">
        <Sym>{title}</Sym>
      </th>
      <td data-end>
        <Side book={book} side="bid" row={row} />
      </td>
      <td data-end>
        <Side book={book} side="ask" row={row} />
      </td>
      <td data-end>
        <span className="inline-flex flex-col items-end py-1">
          {book.staleness === null ? (
            <Num value={spreadBps(book.bid, book.ask)} unit="bps" ch={7} />
          ) : (
            <Stale why={book.staleness} />
          )}
          <span className="text-caption text-text-2">
            <Ago at={book.at} />
          </span>
        </span>
      </td>
    </tr>
  )
}
