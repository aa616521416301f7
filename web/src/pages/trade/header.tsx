import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { InstrumentView } from '../../contract.ts'
import { useTicker } from '../../feed/use-feed.ts'
import { compare } from '../../show/decimal.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Flyout } from '../../ui/flyout.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Age, Aging } from '../../ui/stale.tsx'
import { slugOf } from '../shared/instruments.ts'
import { MarketName, marketName } from '../shared/market-name.tsx'

/** Which instrument, and what it costs now. */
export function Header({
  instrument,
  instruments,
}: {
  instrument: InstrumentView
  instruments: readonly InstrumentView[]
}): ReactNode {
  useLanguage()
  const ticker = useTicker().data?.get(instrument.id)
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line px-4 py-2">
      <h1 className="text-section font-semibold" tabIndex={-1}>
        <Flyout
          label={t('trade.switch', { pair: marketName(instrument.id) })}
          buttonClass="btn text-section font-semibold"
          testId="symbol-switch"
          button={
            <>
              <MarketName id={instrument.id} />
              <Icon name="chevron" size={14} />
            </>
          }
        >
          {close => <Switcher instruments={instruments} onChosen={close} />}
        </Flyout>
      </h1>
      <Aging at={ticker?.at} className="flex items-baseline gap-3">
        <LastPrice value={ticker?.last} step={instrument.tick} />
        {ticker?.change24h && (
          <span title={t('ticker.change')}>
            <Num value={ticker.change24h} percent change className="text-form font-semibold" testId="price-change" />
          </span>
        )}
      </Aging>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-cell">
        <Fact name={t('ticker.bid')}>
          <Num value={ticker?.bid} step={instrument.tick} ch={8} />
        </Fact>
        <Fact name={t('ticker.ask')}>
          <Num value={ticker?.ask} step={instrument.tick} ch={8} />
        </Fact>
        {ticker?.volume24h && (
          <Fact name={t('ticker.volume')}>
            <Num value={ticker.volume24h} decimals={0} unit={instrument.base} ch={12} />
          </Fact>
        )}
        <Fact name={t('instrument.tick')} wide>
          <Num value={instrument.tick} />
        </Fact>
        <Fact name={t('instrument.lot')} wide>
          <Num value={instrument.lot} unit={instrument.base} />
        </Fact>
      </dl>
      <Age at={ticker?.at} />
    </div>
  )
}

export const Fact = ({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }): ReactNode => (
  <div className={wide ? 'max-md:hidden' : undefined}>
    <dt className="text-caption text-text-2">{name}</dt>
    <dd className="font-medium [&_.num]:text-start">{children}</dd>
  </div>
)

/** At most two flashes a second. */
const FLASH_EVERY_MS = 500

/** The last price; a change tints it for a moment, unless the reader wants no motion. */
export function LastPrice({ value, step }: { value: string | null | undefined; step: string }): ReactNode {
  const before = useRef(value)
  const flashedAt = useRef(0)
  const [flash, setFlash] = useState<'up' | 'down'>()
  useEffect(() => {
    const previous = before.current
    before.current = value
    if (!previous || !value || previous === value || performance.now() - flashedAt.current < FLASH_EVERY_MS) return
    flashedAt.current = performance.now()
    setFlash(compare(value, previous) > 0 ? 'up' : 'down')
  }, [value])
  return (
    <span
      className={`rounded-control px-1 text-hero font-semibold ${flash ? `flash-${flash}` : ''}`}
      onAnimationEnd={() => setFlash(undefined)}
    >
      <Num value={value} step={step} ch={7} testId="price-last" className="text-start" />
    </span>
  )
}

function Switcher({
  instruments,
  onChosen,
}: {
  instruments: readonly InstrumentView[]
  onChosen: () => void
}): ReactNode {
  const { data } = useTicker()
  return (
    <ul className="min-w-72 p-1">
      {instruments.map(item => (
        <li key={item.id}>
          <Link
            to="/t/$pair"
            params={{ pair: slugOf(item.id) }}
            search={before => before}
            onClick={onChosen}
            className="flex min-h-(--row) items-center gap-4 rounded-control px-3 text-body font-normal hover:bg-surface2"
            activeProps={{ className: 'bg-surface2 font-semibold' }}
            activeOptions={{ includeSearch: false }}
          >
            <span className="flex-1">
              <MarketName id={item.id} />
            </span>
            <Num value={data?.get(item.id)?.last} step={item.tick} />
            <Num value={data?.get(item.id)?.change24h} percent change ch={9} />
          </Link>
        </li>
      ))}
    </ul>
  )
}
