import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ReconciliationView, VenueView } from '../../contract.ts'
import { Ago, Num, Sym, Time } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CompareNow, ComparisonResult } from '../shared/compare-now.tsx'
import { Breaker, Mode, Score, StreamState, wordOf } from './marks.tsx'
import { RateBar } from './rate-bar.tsx'

interface VenueSheetProps {
  readonly venue: VenueView
  readonly last: ReconciliationView | undefined
  readonly onAsked: () => void
  readonly onClose: () => void
}

/** Everything that is known of one venue, live. */
export function VenueSheet({ venue, last, onAsked, onClose }: VenueSheetProps): ReactNode {
  useLanguage()
  return (
    <Dialog
      side
      width="640px"
      onClose={onClose}
      testId="venue-sheet"
      title={
        <span className="flex items-center gap-3">
          <Sym>{venue.title}</Sym>
          <Mode mode={venue.mode} />
        </span>
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Score score={venue.health?.score} />
        <span className="text-text-2">{t(`venue.mode.${venue.mode}.what`)}</span>
      </div>
      {venue.held !== null && (
        <p className="mt-2 rounded-control bg-stale-bg p-2 text-stale" data-testid="venue-held">
          <bdi>{t('venue.trouble.held', { why: wordOf(`venue.hold.${venue.held}`, venue.held) })}</bdi>
        </p>
      )}
      <Section title={t('venue.health')}>
        <Parts venue={venue} />
      </Section>
      <Section title={t('venue.streams')}>
        <Streams venue={venue} />
      </Section>
      <Section title={t('venue.calls')}>
        <Calls venue={venue} />
      </Section>
      <Section title={t('venue.limits')}>
        <Limits venue={venue} />
      </Section>
      <Section title={t('nav.reconciliation')}>
        <div className="flex flex-wrap items-center gap-3">
          <ComparisonResult run={last} />
          <span className="flex-1" />
          <Link to="/reconciliation" search={{ venue: venue.name }} className="text-link underline">
            {t('compare.history')}
          </Link>
          <CompareNow venue={venue.name} title={venue.title} last={last} onAsked={onAsked} />
        </div>
      </Section>
      <Section title={t('venue.balances')}>
        <Balances venue={venue} />
      </Section>
      <Section title={t('venue.fees')}>
        <Fees venue={venue} />
      </Section>
      <Section title={t('venue.history')}>
        <Changes venue={venue} />
      </Section>
    </Dialog>
  )
}

const Section = ({ title, children }: { title: string; children: ReactNode }): ReactNode => (
  <section className="mt-5">
    <h3 className="mb-1.5 border-b border-line pb-1 text-form font-semibold">{title}</h3>
    {children}
  </section>
)

const Empty = ({ children }: { children: ReactNode }): ReactNode => <p className="text-text-2">{children}</p>

function Parts({ venue }: { venue: VenueView }): ReactNode {
  if (!venue.health) return <Empty>{t('venue.health.none')}</Empty>
  return (
    <ul className="grid gap-y-1">
      {venue.health.parts.map(({ name, score, detail }) => (
        <li
          key={name}
          className="grid grid-cols-[7rem_8rem_1fr] items-baseline gap-x-3 max-sm:grid-cols-[7rem_1fr]"
          data-testid="venue-part"
          data-name={name}
        >
          <span>{wordOf(`venue.part.${name}`, name)}</span>
          <Score score={score} />
          <span className="text-text-2 max-sm:col-span-full">
            <bdi dir="auto">{detail}</bdi>
          </span>
        </li>
      ))}
    </ul>
  )
}

const Streams = ({ venue }: { venue: VenueView }): ReactNode => (
  <ul className="grid gap-y-1">
    {venue.streams.map(stream => (
      <li key={stream.name} className="flex flex-wrap items-baseline gap-x-3">
        <span className="w-28">{t(`venue.stream.${stream.name}`)}</span>
        <StreamState stream={stream} />
        <span className="text-text-2">{rich('health.since', { at: <Ago at={stream.since} /> })}</span>
        <span className="ms-auto text-text-2">
          {rich('venue.stream.reconnects', { n: <Num value={stream.reconnects} />, count: stream.reconnects })}
        </span>
        {stream.reason !== null && (
          <span className="w-full ps-31 text-text-2 max-sm:ps-0">
            <bdi dir="auto">{stream.reason}</bdi>
          </span>
        )}
      </li>
    ))}
  </ul>
)

const Calls = ({ venue }: { venue: VenueView }): ReactNode => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keys
  <div className="overflow-x-auto" tabIndex={0}>
    <table className="grid-table">
      <caption className="sr-only">{t('venue.calls')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('venue.call')}</th>
          <th scope="col">{t('venue.breaker')}</th>
          <th scope="col" data-end>
            p50, ms
          </th>
          <th scope="col" data-end>
            p99, ms
          </th>
          <th scope="col" data-end>
            {t('venue.errors')}
          </th>
        </tr>
      </thead>
      <tbody>
        {venue.calls.map(one => (
          <tr key={one.kind} data-testid="venue-calls" data-kind={one.kind}>
            <th scope="row" className="bg-bg text-text">
              {t(`venue.call.${one.kind}`)}
            </th>
            <td>
              <span className="inline-flex flex-wrap items-baseline gap-x-2">
                <Breaker breaker={one.breaker} />
                {one.breaker !== 'closed' && (
                  <span className="text-text-2">
                    <Ago at={one.breakerSince} />
                  </span>
                )}
              </span>
            </td>
            <td data-end>
              <Num value={one.p50Ms} decimals={0} ch={5} />
            </td>
            <td data-end>
              <Num value={one.p99Ms} decimals={0} ch={5} />
            </td>
            <td data-end>
              <bdi dir="ltr">
                <Num value={one.errors} ch={2} /> / <Num value={one.calls} ch={4} />
              </bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
    <p className="mt-1.5 text-text-2">
      {rich('venue.skew.is', { skew: <Num value={venue.skewMs} decimals={0} sign="always" unit="ms" ch={6} /> })}
    </p>
  </div>
)

function Limits({ venue }: { venue: VenueView }): ReactNode {
  return (
    <>
      {venue.rates.length === 0 && <Empty>{t('venue.limits.none')}</Empty>}
      <ul className="grid grid-cols-2 gap-x-6 gap-y-2 max-sm:grid-cols-1">
        {venue.rates.map(rate => (
          <li key={rate.bucket}>
            <RateBar rate={rate} named />
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-text-2">
        {rich('venue.waiting', { n: <Num value={venue.waiting} />, count: venue.waiting })}
      </p>
    </>
  )
}

function Balances({ venue }: { venue: VenueView }): ReactNode {
  if (venue.balances.length === 0) return <Empty>{t('venue.balances.none')}</Empty>
  return (
    <table className="grid-table">
      <caption className="sr-only">{t('venue.balances')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('venue.asset')}</th>
          <th scope="col" data-end>
            {t('venue.balance.free')}
          </th>
          <th scope="col" data-end>
            {t('venue.balance.held')}
          </th>
        </tr>
      </thead>
      <tbody>
        {venue.balances.map(balance => (
          <tr key={balance.asset} data-testid="venue-balance">
            <th scope="row" className="bg-bg text-text">
              <Sym>{balance.asset}</Sym>
            </th>
            <td data-end>
              <Num value={balance.free} />
            </td>
            <td data-end>
              <Num value={balance.held} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A millionth is a hundredth of a basis point. */
const PPM_PER_BPS = 100

function Fees({ venue }: { venue: VenueView }): ReactNode {
  if (venue.fees.length === 0) return <Empty>{t('venue.fees.none')}</Empty>
  return (
    <table className="grid-table">
      <caption className="sr-only">{t('venue.fees')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('venue.pair')}</th>
          <th scope="col" data-end>
            {t('liquidity.maker')}
          </th>
          <th scope="col" data-end>
            {t('liquidity.taker')}
          </th>
          <th scope="col" data-end>
            {t('venue.fees.at')}
          </th>
        </tr>
      </thead>
      <tbody>
        {venue.fees.map(fee => (
          <tr key={fee.instrument} data-testid="venue-fee">
            <th scope="row" className="bg-bg text-text">
              <Sym>{fee.pair}</Sym>
            </th>
            <td data-end>
              <Num value={fee.makerPpm / PPM_PER_BPS} decimals={2} unit="bps" />
            </td>
            <td data-end>
              <Num value={fee.takerPpm / PPM_PER_BPS} decimals={2} unit="bps" />
            </td>
            <td data-end>
              <Ago at={fee.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Changes({ venue }: { venue: VenueView }): ReactNode {
  if (venue.history.length === 0) return <Empty>{t('venue.history.none')}</Empty>
  return (
    <ol className="border-s border-line">
      {venue.history.map((change, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two changes may come in the same microsecond
        <li key={`${change.at} ${index}`} className="relative ps-4 pb-2" data-testid="venue-change">
          <span aria-hidden="true" className="absolute -start-[4.5px] top-1.5 size-2 rounded-full bg-ink" />
          <span className="flex flex-wrap items-baseline gap-x-2">
            <strong className="font-semibold">{t(`venue.change.${change.what}`)}</strong>
            <bdi dir="auto">{change.detail}</bdi>
            <span className="ms-auto text-cell text-text-2">
              <Time at={change.at} />
            </span>
          </span>
        </li>
      ))}
    </ol>
  )
}
