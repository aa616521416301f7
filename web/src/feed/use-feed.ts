import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type {
  EquityPoint,
  FillView,
  HealthPart,
  KillSwitchView,
  OrderView,
  PositionView,
  RunView,
  SystemHealthView,
  VenueView,
} from '../contract.ts'
import { ageMs } from '../show/clock.ts'
import { useNow } from '../show/now.ts'
import { type FeedStatus, lookAt, lookAtStatus, readStatus, readTopic, type TopicState } from './feed.ts'
import { isOpen, type TopicData } from './folds.ts'
import { type Freshness, freshnessOf } from './freshness.ts'

const nobody = (): (() => void) => () => undefined

/** The present state of a topic; subscribed while the component is there. Null looks at nothing. */
export function useTopic<T>(topic: string | null): TopicState<T> {
  const subscribe = useCallback((looker: () => void) => (topic === null ? nobody() : lookAt(topic, looker)), [topic])
  return useSyncExternalStore(subscribe, () => readTopic(topic ?? '')) as TopicState<T>
}

/** A part of a topic; what is read must be comparable, since the component is drawn again only when it differs. */
function usePartOf<T, R extends string | number | boolean>(topic: string, read: (data: T | undefined) => R): R {
  const subscribe = useCallback((looker: () => void) => lookAt(topic, looker), [topic])
  return useSyncExternalStore(subscribe, () => read(readTopic(topic).data as T | undefined))
}

const STEP = 500_000
const newestOf = (tickers: TopicData['ticker'] | undefined): number => {
  let newest = 0
  for (const { at } of tickers?.values() ?? []) newest = Math.max(newest, at)
  return Math.ceil(newest / STEP) * STEP
}
/** When the market last said anything, to half a second; 0 before that. */
export const useMarketAt = (): number => usePartOf('ticker', newestOf)

const isThere = (data: unknown): boolean => data !== undefined
export const usePositionsKnown = (): boolean => usePartOf('positions', isThere)

export const useFeedStatus = (): FeedStatus => useSyncExternalStore(lookAtStatus, readStatus)

export const useTicker = (): TopicState<TopicData['ticker']> => useTopic('ticker')
export const useRuns = (): TopicState<readonly RunView[]> => useTopic('runs')
export const usePositions = (): TopicState<readonly PositionView[]> => useTopic('positions')
export const useOrdersFeed = (): TopicState<TopicData['orders']> => useTopic('orders')
export const useFillsFeed = (): TopicState<readonly FillView[]> => useTopic('fills')
export const useEquityFeed = (): TopicState<readonly EquityPoint[]> => useTopic('equity')
export const useKillSwitch = (): TopicState<KillSwitchView> => useTopic('kill-switch')
export const useHealth = (): TopicState<SystemHealthView> => useTopic('health')
export const useVenues = (): TopicState<readonly VenueView[]> => useTopic('venues')

export function useOpenOrders(): readonly OrderView[] | undefined {
  const { data } = useOrdersFeed()
  return useMemo(() => data && [...data.values()].filter(isOpen).sort((a, b) => b.createdAt - a.createdAt), [data])
}

/** How old a datum is, looked at once a second. */
export function useFreshness(at: number | undefined | null): { freshness: Freshness; ageMs: number } {
  useNow()
  if (!at) return { freshness: 'unknown', ageMs: 0 }
  const age = ageMs(at)
  return { freshness: freshnessOf(age), ageMs: age }
}

export const partOf = (health: SystemHealthView | undefined, name: HealthPart['name']): HealthPart | undefined =>
  health?.parts.find(part => part.name === name)
