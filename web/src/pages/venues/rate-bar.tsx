import type { ReactNode } from 'react'
import type { VenueRateView } from '../../contract.ts'
import { Num, Sym } from '../../show/show.tsx'
import { t } from '../../text/text.tsx'

/** How much of a limit is used: a bar, and the figures beside it. */
export function RateBar({ rate, named }: { rate: VenueRateView; named?: boolean }): ReactNode {
  const share = rate.max > 0 ? Math.min(1, rate.used / rate.max) : 1
  const colour = share >= 0.9 ? 'bg-danger' : share >= 0.7 ? 'bg-warn' : 'bg-ink'
  return (
    <span className="grid grid-cols-[minmax(3rem,1fr)_auto] items-center gap-x-2">
      {named && (
        <span className="col-span-full truncate text-text-2">
          <Sym>{rate.bucket}</Sym>
        </span>
      )}
      <span aria-hidden="true" className="h-2 overflow-clip rounded-control border border-control">
        <span className={`block h-full ${colour}`} style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className="sr-only">{t('venue.rate.label', { bucket: rate.bucket })}</span>
      <bdi dir="ltr" className="num min-w-18 text-end">
        <Num value={Math.round(rate.used)} /> / <Num value={rate.max} className="text-start" />
      </bdi>
    </span>
  )
}
