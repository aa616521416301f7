import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTicker } from '../../feed/use-feed.ts'
import { serverNow } from '../../show/clock.ts'
import { useNow } from '../../show/now.ts'
import { Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Flyout } from '../../ui/flyout.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Age, Aging } from '../../ui/stale.tsx'
import { Fact, LastPrice } from '../trade/header.tsx'
import type { HouseInstrument } from './data.ts'

interface HeaderProps {
  readonly instrument: HouseInstrument
  readonly instruments: readonly HouseInstrument[]
  /** Until when the market is known to stand as it does. */
  readonly knownAt: number | undefined
}

export const houseSlug = ({ pair }: Pick<HouseInstrument, 'pair'>): string => pair.replace('/', '-')

/** Which instrument of the exchange, what it costs now, and whether it trades. */
export function HouseHeader({ instrument, instruments, knownAt }: HeaderProps): ReactNode {
  useLanguage()
  const ticker = useTicker().data?.get(instrument.id)
  const at = ticker && Math.max(ticker.at, knownAt ?? 0)
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line px-4 py-2">
      <h1 className="text-section font-semibold" tabIndex={-1}>
        <Flyout
          label={t('trade.switch', { pair: instrument.pair })}
          buttonClass="btn text-section font-semibold"
          testId="symbol-switch"
          button={
            <>
              <Sym>{instrument.pair}</Sym>
              <Icon name="chevron" size={14} />
            </>
          }
        >
          {close => <Switcher instruments={instruments} onChosen={close} />}
        </Flyout>
      </h1>
      <Aging at={at} className="flex items-baseline gap-3">
        <LastPrice value={ticker?.last} step={instrument.tick} />
        {ticker?.change24h && (
          <span title={t('ticker.change')}>
            <Num value={ticker.change24h} percent change className="text-form font-semibold" />
          </span>
        )}
      </Aging>
      <Phase instrument={instrument} />
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
      <Age at={at} />
    </div>
  )
}

const TINTS: Readonly<Record<HouseInstrument['phase'], string>> = {
  trading: 'bg-surface2 text-ok',
  auction: 'bg-paper-bg text-paper',
  halted: 'bg-stale-bg text-stale',
  closed: 'bg-surface2 text-text-2',
}

/** The phase in a word; of an auction also where it would end now, and when it does. */
function Phase({ instrument }: { instrument: HouseInstrument }): ReactNode {
  useNow()
  const { phase, phaseUntil, indicativePrice, indicativeQuantity } = instrument
  const left = phaseUntil === null ? undefined : Math.max(0, Math.ceil((phaseUntil - serverNow()) / 1_000_000))
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1" data-testid="phase" data-phase={phase}>
      <span className={`chip ${TINTS[phase]}`} title={t(`phase.${phase}.what`)}>
        {t(`phase.${phase}`)}
        {left !== undefined && <> · {rich('phase.left', { n: <Num value={left} ch={2} /> })}</>}
      </span>
      {phase === 'auction' && (
        <span className="text-cell text-text-2">
          {indicativePrice === null
            ? t('phase.noPrice')
            : rich('phase.indicative', {
                price: <Num value={indicativePrice} step={instrument.tick} unit={instrument.quote} />,
                quantity: <Num value={indicativeQuantity} step={instrument.lot} unit={instrument.base} />,
              })}
        </span>
      )}
    </span>
  )
}

function Switcher({
  instruments,
  onChosen,
}: {
  instruments: readonly HouseInstrument[]
  onChosen: () => void
}): ReactNode {
  const { data } = useTicker()
  return (
    <ul className="min-w-72 p-1">
      {instruments.map(item => (
        <li key={item.id}>
          <Link
            to="/exchange/$instrument"
            params={{ instrument: houseSlug(item) }}
            search={before => before}
            onClick={onChosen}
            className="flex min-h-(--row) items-center gap-4 rounded-control px-3 text-body font-normal hover:bg-surface2"
            activeProps={{ className: 'bg-surface2 font-semibold' }}
            activeOptions={{ includeSearch: false }}
          >
            <span className="flex-1">
              <Sym>{item.pair}</Sym>
            </span>
            {item.phase !== 'trading' && <span className="text-cell text-text-2">{t(`phase.${item.phase}`)}</span>}
            <Num value={data?.get(item.id)?.last} step={item.tick} />
            <Num value={data?.get(item.id)?.change24h} percent change ch={9} />
          </Link>
        </li>
      ))}
    </ul>
  )
}
