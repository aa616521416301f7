import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { closeMissed, retryNow } from '../feed/feed.ts'
import { useFeedStatus, useKillSwitch } from '../feed/use-feed.ts'
import { useNow } from '../show/now.ts'
import { Ago, Num, Time } from '../show/show.tsx'
import { rich, t, useLanguage } from '../text/text.tsx'
import { announce } from '../ui/announcer.tsx'
import { Icon } from '../ui/icon.tsx'
import { showOverlay } from './overlay.ts'

/** What must not be overlooked, above every page. */
export function Banners(): ReactNode {
  useLanguage()
  return (
    <>
      <KillBanner />
      <ConnectionBanner />
    </>
  )
}

function KillBanner(): ReactNode {
  const { data } = useKillSwitch()
  const active = data?.active
  const before = useRef(active)
  useEffect(() => {
    if (before.current !== undefined && active !== undefined && before.current !== active)
      announce(t(active ? 'kill.announce.on' : 'kill.announce.off'))
    before.current = active
  }, [active])
  if (!data?.active) return null
  const pending = data.receipt.filter(item => item.outcome === 'pending').length
  return (
    <section
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-alarm-bg px-4 py-1.5 text-alarm [&_.num_*]:text-inherit"
      aria-label={t('kill.banner.label')}
      data-testid="kill-banner"
    >
      <Icon name="stop" />
      <strong className="font-semibold">{t('kill.banner.title')}</strong>
      <span>
        {rich('kill.banner.detail', {
          by: <bdi>{data.by ?? t('kill.someone')}</bdi>,
          at: <Time at={data.since} noZone={false} />,
          reason: <bdi dir="auto">{data.reason ?? '—'}</bdi>,
        })}
      </span>
      {pending > 0 && (
        <span className="font-semibold">
          {rich('kill.banner.pending', { n: <Num value={pending} />, count: pending })}
        </span>
      )}
      <span className="ms-auto flex gap-2">
        <button
          type="button"
          className="btn border-current text-alarm"
          onClick={() => showOverlay('kill')}
          data-testid="kill-receipt-open"
        >
          {t('kill.receipt.show')}
        </button>
        <button
          type="button"
          className="btn border-current text-alarm"
          onClick={() => showOverlay('lift')}
          data-testid="kill-lift-open"
        >
          {t('kill.lift.open')}
        </button>
      </span>
    </section>
  )
}

/** Shown from the second failed try on, or once the line was up and fell; it stays through changes of page. */
function ConnectionBanner(): ReactNode {
  const { connection, missed, beatAt } = useFeedStatus()
  const now = useNow()
  const down = connection.phase === 'waiting' || (connection.phase === 'connecting' && connection.attempt > 1)
  const was = useRef(false)
  useEffect(() => {
    if (down !== was.current) announce(t(down ? 'connection.lost' : 'connection.back'))
    was.current = down
  }, [down])
  if (down) {
    const seconds = connection.phase === 'waiting' ? Math.max(0, Math.ceil((connection.retryAt - now) / 1_000)) : 0
    return (
      <section
        className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-stale-bg px-4 py-1.5 text-stale [&_.num_*]:text-inherit"
        aria-label={t('connection.label')}
        data-testid="connection-banner"
      >
        <Icon name="warning" />
        <strong className="font-semibold">{t('connection.lost')}</strong>
        <span>
          {connection.phase === 'waiting'
            ? rich('connection.retryIn', { n: <Num value={seconds} ch={2} />, count: seconds })
            : t('connection.connecting')}
        </span>
        <span>{t('connection.botsRun')}</span>
        {beatAt !== undefined && <span>{rich('connection.lastBeat', { at: <Ago at={beatAt * 1_000} /> })}</span>}
        <button
          type="button"
          className="btn ms-auto border-current text-stale"
          onClick={retryNow}
          disabled={connection.phase !== 'waiting'}
        >
          {t('connection.retry')}
        </button>
      </section>
    )
  }
  if (missed === 0) return null
  return (
    <section
      className="flex flex-wrap items-center gap-3 border-b border-line bg-surface2 px-4 py-1.5"
      aria-label={t('connection.label')}
      data-testid="missed-banner"
    >
      <span>{rich('connection.missed', { n: <Num value={missed} />, count: missed })}</span>
      <Link to="/events" className="text-link underline" onClick={closeMissed}>
        {t('connection.missed.show')}
      </Link>
      <button type="button" className="btn btn-bare ms-auto" onClick={closeMissed} aria-label={t('action.close')}>
        <Icon name="close" />
      </button>
    </section>
  )
}
