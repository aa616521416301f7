import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { useFeedStatus, useKillSwitch } from '../feed/use-feed.ts'
import { useSession } from '../session/use-session.ts'
import { changeSettings, DENSITIES, settings, useSettings } from '../settings/settings.ts'
import { serverNow } from '../show/clock.ts'
import { useNow } from '../show/now.ts'
import { Ago, Num, Sym, Time } from '../show/show.tsx'
import { t, useLanguage } from '../text/text.tsx'
import { Announcer, announce } from '../ui/announcer.tsx'
import { Icon } from '../ui/icon.tsx'
import { Failure, Guard } from '../ui/panel.tsx'
import { Banners } from './banners.tsx'
import { useShortcuts } from './keyboard.ts'
import { later } from './later.tsx'
import { FeedLights } from './lights.tsx'
import { showOverlay, useOverlay } from './overlay.ts'
import { PLACES } from './places.ts'
import { SettingsMenu } from './settings-menu.tsx'

const KillDialog = later(() => import('./kill-dialog.tsx'))
const LiftDialog = later(() => import('./lift-dialog.tsx'))
const Palette = later(() => import('./palette.tsx'))
const Help = later(() => import('./help.tsx'))

/** The dialogs of the shell; the first is the one that must never be missing. */
export const shellParts = [KillDialog, LiftDialog, Palette, Help]

export function Shell(): ReactNode {
  useLanguage()
  const session = useSession()
  useShellKeys()
  usePageChange()
  return (
    <div className="grid h-dvh grid-rows-[auto_auto_minmax(0,1fr)_auto] md:grid-cols-[auto_minmax(0,1fr)]">
      <header className="col-span-full">
        <a href="#main" className="btn btn-primary fixed start-2 top-2 z-50 -translate-y-20 focus:translate-y-0">
          {t('shell.skip')}
        </a>
        <TopBar />
      </header>
      <div className="col-span-full">
        <Banners />
      </div>
      <Nav />
      <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-col overflow-y-auto outline-none">
        {session.error && !session.principal ? <Failure error={session.error} /> : <Outlet />}
      </main>
      <StatusBar />
      <Announcer />
      <Overlays />
    </div>
  )
}

/** A tenant that is only known by its id says nothing to people; then who is signed in does. */
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

function TopBar(): ReactNode {
  const { principal } = useSession()
  const { data: kill } = useKillSwitch()
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-0 border-b border-line ps-4 pe-2 max-md:py-1">
      <Link to="/" className="text-section font-semibold tracking-tight">
        Bourse
      </Link>
      <span className="chip bg-paper-bg text-paper" data-testid="mode" title={t('mode.paper.what')}>
        {t('mode.paper')}
      </span>
      {principal && (
        <span className="hidden text-text-2 md:inline" title={principal.tenant}>
          <bdi>{UUID.test(principal.tenant) ? principal.name : principal.tenant}</bdi>
        </span>
      )}
      <div className="flex-1 max-md:hidden" />
      <div className="max-md:order-last max-md:w-full">
        <FeedLights />
      </div>
      <div className="flex-1 md:hidden" />
      <UtcClock />
      <button
        type="button"
        className="btn btn-bare"
        onClick={() => showOverlay('palette')}
        aria-label={t('palette.open')}
        aria-keyshortcuts="Control+K"
        data-testid="palette-open"
      >
        <Icon name="search" size={18} />
      </button>
      <SettingsMenu />
      <button
        type="button"
        className="btn border-danger text-danger"
        onClick={() => showOverlay('kill')}
        aria-keyshortcuts="Control+Shift+K"
        data-testid="kill-open"
      >
        <Icon name="stop" />
        <span className="max-sm:sr-only">{t(kill?.active ? 'kill.button.active' : 'kill.button')}</span>
      </button>
    </div>
  )
}

function UtcClock(): ReactNode {
  useNow()
  return (
    <span className="hidden text-cell text-text-2 lg:inline" data-testid="clock">
      <Time at={serverNow()} timeOnly />
    </span>
  )
}

function Nav(): ReactNode {
  const section = useRouterState({ select: state => `/${state.location.pathname.split('/')[1] ?? ''}` })
  const here = section === '/t' ? '/' : section
  const list = useRef<HTMLElement>(null)
  // On a phone not all places have room at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [here])
  return (
    <nav
      ref={list}
      aria-label={t('nav.label')}
      className="flex border-line bg-surface max-md:order-last max-md:col-span-full max-md:overflow-x-auto max-md:border-t md:flex-col md:gap-0.5 md:border-e md:p-2"
    >
      {PLACES.map(place => (
        <Link
          key={place.to}
          to={place.to}
          aria-current={place.to === here ? 'page' : undefined}
          className={`flex items-center gap-2 rounded-control text-text-2 hover:text-text max-md:min-h-12 max-md:min-w-fit max-md:px-1.5 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-caption md:min-h-8 md:w-10 md:justify-center xl:w-36 xl:justify-start xl:ps-2 ${place.to === here ? 'bg-surface2 font-semibold text-text' : ''}`}
          title={t(place.label)}
        >
          <Icon name={place.icon} size={18} />
          <span className="max-w-full truncate md:max-xl:sr-only">{t(place.label)}</span>
        </Link>
      ))}
    </nav>
  )
}

function StatusBar(): ReactNode {
  const { latencyMs, beatAt } = useFeedStatus()
  return (
    <footer className="col-span-full hidden min-h-6 items-center gap-4 border-t border-line bg-surface px-4 text-caption text-text-2 md:flex">
      <span>
        {t('status.latency')}{' '}
        <Num
          value={latencyMs === undefined ? null : Math.max(1, Math.round(latencyMs))}
          unit="ms"
          ch={6}
          testId="latency"
        />
      </span>
      <span>
        {t('status.heartbeat')} <Ago at={beatAt === undefined ? undefined : beatAt * 1_000} />
      </span>
      <span className="flex-1" />
      <button type="button" className="min-h-6 underline" onClick={() => showOverlay('help')}>
        {t('help.title')}
      </button>
      <span>
        {t('status.build')} <Sym>{__BUILD__}</Sym>
      </span>
    </footer>
  )
}

function Overlays(): ReactNode {
  const overlay = useOverlay()
  const close = (): void => showOverlay(undefined)
  return (
    <Guard key={overlay}>
      {overlay === 'kill' && <KillDialog onClose={close} />}
      {overlay === 'lift' && <LiftDialog onClose={close} />}
      {overlay === 'palette' && <Palette onClose={close} />}
      {overlay === 'help' && <Help onClose={close} />}
    </Guard>
  )
}

function useShellKeys(): void {
  const navigate = useNavigate()
  const { density } = useSettings()
  const places = Object.fromEntries(PLACES.map(place => [`g ${place.key}`, () => void navigate({ to: place.to })]))
  useShortcuts({
    ...places,
    '?': () => showOverlay('help'),
    '/': () => showOverlay('palette'),
    'ctrl+k': () => showOverlay('palette'),
    'ctrl+shift+k': () => showOverlay('kill'),
    t: () => changeSettings({ zone: settings().zone === 'utc' ? 'local' : 'utc' }),
    'shift+d': () =>
      changeSettings({ density: DENSITIES[(DENSITIES.indexOf(density) + 1) % DENSITIES.length] ?? 'default' }),
  })
}

/** A new page says its name and takes the focus, as a page load would; a change of filters does not. */
function usePageChange(): void {
  const path = useRouterState({ select: state => state.resolvedLocation?.pathname ?? state.location.pathname })
  const first = useRef(true)
  const section = useRef('')
  useEffect(() => {
    const next = path.split('/')[1] ?? ''
    if (first.current) {
      first.current = false
      section.current = next
      return
    }
    if (next === section.current) return
    section.current = next
    requestAnimationFrame(() => {
      document.getElementById('main')?.focus({ preventScroll: true })
      announce(document.title)
    })
  }, [path])
}
