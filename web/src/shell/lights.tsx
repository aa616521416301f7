import type { ReactNode } from 'react'
import type { HealthPart } from '../contract.ts'
import type { Freshness } from '../feed/freshness.ts'
import { partOf, useFeedStatus, useFreshness, useHealth, useMarketAt, usePositionsKnown } from '../feed/use-feed.ts'
import { Ago, Num } from '../show/show.tsx'
import { type Key, rich, t, useLanguage } from '../text/text.tsx'
import { Flyout } from '../ui/flyout.tsx'

type State = 'ok' | 'late' | 'down' | 'waiting'
interface Light {
  readonly state: State
  readonly text: Key
  readonly at: number | undefined
}

const FROM_FRESHNESS: Readonly<Record<Freshness, Light['text']>> = {
  live: 'light.live',
  late: 'light.late',
  stale: 'light.stale',
  lost: 'light.lost',
  unknown: 'light.waiting',
}
const STATE_OF: Readonly<Record<Freshness, State>> = {
  live: 'ok',
  late: 'late',
  stale: 'down',
  lost: 'down',
  unknown: 'waiting',
}

function fromPart(part: HealthPart | undefined): Light {
  if (!part) return { state: 'waiting', text: 'light.waiting', at: undefined }
  const state = ({ ok: 'ok', degraded: 'late', down: 'down' } as const)[part.state]
  return {
    state,
    text: ({ ok: 'light.working', degraded: 'light.degraded', down: 'light.down' } as const)[part.state],
    at: part.since,
  }
}

function useLights(): Readonly<Record<'market' | 'orders' | 'account', Light>> {
  const { connection } = useFeedStatus()
  const newest = useMarketAt()
  const health = useHealth()
  const positionsKnown = usePositionsKnown()
  const market = useFreshness(newest)
  const known = useFreshness(health.at)
  if (connection.phase !== 'open') {
    const light: Light =
      connection.phase === 'connecting' && connection.attempt <= 1
        ? { state: 'waiting', text: 'light.connecting', at: undefined }
        : {
            state: 'down',
            text: 'light.disconnected',
            at: connection.phase === 'waiting' ? connection.lostAt * 1_000 : undefined,
          }
    return { market: light, orders: light, account: light }
  }
  const guarded = (light: Light): Light =>
    known.freshness === 'lost' ? { state: 'late', text: 'light.late', at: health.at } : light
  const account = partOf(health.data, 'database')
  return {
    market: { state: STATE_OF[market.freshness], text: FROM_FRESHNESS[market.freshness], at: newest || undefined },
    orders: guarded(fromPart(partOf(health.data, 'node'))),
    account: guarded(positionsKnown ? fromPart(account) : fromPart(undefined)),
  }
}

const SHAPE: Readonly<Record<State, { colour: string; path: string }>> = {
  ok: { colour: 'text-ok', path: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z' },
  late: { colour: 'text-warn', path: 'M6 1l5 9.5H1z' },
  down: { colour: 'text-danger', path: 'M1.5 1.5h9v9h-9z' },
  waiting: { colour: 'text-text-3', path: 'M6 2.5v7M2.5 6h7' },
}

const Lamp = ({ state }: { state: State }): ReactNode => (
  <svg aria-hidden="true" viewBox="0 0 12 12" width="10" height="10" className={`shrink-0 ${SHAPE[state].colour}`}>
    <path d={SHAPE[state].path} fill={state === 'waiting' ? 'none' : 'currentColor'} stroke="currentColor" />
  </svg>
)

const NAMES = { market: 'light.market', orders: 'light.orders', account: 'light.account' } as const

/** Three lights, because prices can be live while orders are not: each has a shape, a colour and a word. */
export function FeedLights(): ReactNode {
  useLanguage()
  const lights = useLights()
  return (
    <fieldset className="flex items-center gap-1" aria-label={t('light.title')}>
      {(Object.keys(NAMES) as (keyof typeof NAMES)[]).map(key => (
        <LightButton key={key} name={key} light={lights[key]} />
      ))}
    </fieldset>
  )
}

function LightButton({ name, light }: { name: keyof typeof NAMES; light: Light }): ReactNode {
  const label = t('light.label', { name: t(NAMES[name]), state: t(light.text) })
  return (
    <Flyout
      speaks
      label={label}
      testId={`feed-light-${name}`}
      buttonClass="btn btn-bare px-1.5 text-cell"
      button={
        <span className="flex items-center gap-1.5" data-state={light.state}>
          <Lamp state={light.state} />
          <span className="text-text-2">{t(NAMES[name])}</span>
          <span className="font-normal max-lg:sr-only" data-testid={`feed-light-${name}-state`}>
            {t(light.text)}
          </span>
        </span>
      }
    >
      {() => <LightDetail name={name} light={light} />}
    </Flyout>
  )
}

function LightDetail({ name, light }: { name: keyof typeof NAMES; light: Light }): ReactNode {
  const { latencyMs, beatAt } = useFeedStatus()
  return (
    <div className="w-72 p-4">
      <p className="flex items-center gap-2 text-form font-semibold">
        <Lamp state={light.state} />
        {t(NAMES[name])}: {t(light.text)}
      </p>
      <p className="mt-1 text-text-2">{t(`light.${name}.what`)}</p>
      <dl className="mt-3 grid grid-cols-[1fr_auto] gap-y-1">
        <dt className="text-text-2">{t(name === 'market' ? 'light.lastUpdate' : 'light.since')}</dt>
        <dd>
          <Ago at={light.at} />
        </dd>
        <dt className="text-text-2">{t('status.latency')}</dt>
        <dd>
          <Num value={latencyMs === undefined ? null : Math.round(latencyMs)} unit="ms" />
        </dd>
        <dt className="text-text-2">{t('status.heartbeat')}</dt>
        <dd>
          <Ago at={beatAt === undefined ? undefined : beatAt * 1_000} />
        </dd>
      </dl>
      <p className="mt-3 text-text-2">{rich('light.botsRun', {})}</p>
    </div>
  )
}
