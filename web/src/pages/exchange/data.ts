import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type {
  FeesView,
  HouseBalanceView,
  HouseFillView,
  HouseInstrumentView,
  HouseOrderView,
  InstrumentView,
  Items,
  TransferView,
} from '../../contract.ts'
import type { TopicState } from '../../feed/feed.ts'
import { useFeedStatus, useTopic } from '../../feed/use-feed.ts'
import { get } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { queries } from '../../session/queries.ts'
import { useSession } from '../../session/use-session.ts'
import { localNowMs, serverNow } from '../../show/clock.ts'
import { type HouseBook, isWorking } from './house-book.ts'

/** An instrument of the exchange, in the shape that the parts of the trade page take. */
export type HouseInstrument = HouseInstrumentView & InstrumentView

/** Phases change seldom, and are looked at so often. */
const PHASES_EVERY_MS = 2_000
const TRANSFERS_EVERY_MS = 1_000
const FEES_FRESH_MS = 60_000

export const useHouseInstruments = () =>
  useQuery<readonly HouseInstrument[], Problem>(
    {
      queryKey: ['/v1/exchange/instruments'],
      queryFn: async () => {
        const { items } = await get<Items<HouseInstrumentView>>('/v1/exchange/instruments')
        return items.map(item => ({ ...item, venue: 'house' }))
      },
      staleTime: 0,
      refetchInterval: PHASES_EVERY_MS,
    },
    queries,
  )

export const useFees = () =>
  useQuery<FeesView, Problem>(
    { queryKey: ['/v1/exchange/fees'], queryFn: () => get('/v1/exchange/fees'), staleTime: FEES_FRESH_MS },
    queries,
  )

export const WALLET = ['/v1/exchange/wallet']
export const useWallet = () =>
  useQuery<Items<{ asset: string; balance: string }>, Problem>(
    { queryKey: WALLET, queryFn: () => get('/v1/exchange/wallet'), staleTime: 0 },
    queries,
  )

/** One's transfers, newest first; asked for again and again while one is under way. */
export const TRANSFERS = ['/v1/exchange/transfers']
export const useTransfers = () =>
  useQuery<Items<TransferView>, Problem>(
    {
      queryKey: TRANSFERS,
      queryFn: () => get('/v1/exchange/transfers', { limit: 20 }),
      staleTime: 0,
      refetchInterval: ({ state }) =>
        state.data?.items.some(item => item.state === 'requested') ? TRANSFERS_EVERY_MS : false,
    },
    queries,
  )

export const readAgain = (key: readonly unknown[]): void => void queries.invalidateQueries({ queryKey: key })

/** The book, and until when it is known: where nothing changes, as long as the line is alive. */
export function useHouseBook(instrument: string): { book: HouseBook | undefined; knownAt: number | undefined } {
  const { data } = useTopic<HouseBook>(`l2:${instrument}`)
  const { beatAt } = useFeedStatus()
  const heardAt = beatAt === undefined ? 0 : serverNow() - (localNowMs() - beatAt) * 1_000
  return { book: data, knownAt: data && Math.max(data.at, heardAt) }
}

function useOwn<T>(topic: string): TopicState<T> {
  const { principal } = useSession()
  return useTopic<T>(principal ? `${topic}:${principal.id}` : null)
}
const useOrdersOfMine = () => useOwn<ReadonlyMap<string, HouseOrderView>>('exchange-orders')
export const useHouseFills = () => useOwn<readonly HouseFillView[]>('exchange-fills').data
export const useBalances = () => useOwn<readonly HouseBalanceView[]>('exchange-balances').data

/** One's orders that work, and those that are over; newest first. */
export function useHouseOrders() {
  const { data, refused } = useOrdersOfMine()
  return useMemo(() => {
    if (!data) return { refused }
    const all = [...data.values()].sort((a, b) => b.createdAt - a.createdAt)
    return { refused, open: all.filter(isWorking), closed: all.filter(order => !isWorking(order)) }
  }, [data, refused])
}
