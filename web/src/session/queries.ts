import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type {
  DiscrepancyView,
  EquityPoint,
  FillView,
  InstrumentView,
  Items,
  OrderHistoryView,
  OrderView,
  ReconciliationView,
  StrategyView,
} from '../contract.ts'
import { get } from './api.ts'
import { answerTo } from './early.ts'
import type { Problem } from './problem.ts'

/** What is asked for rather than streamed. Handed to each hook, so that the shell does without it. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && ((error as Problem).status === 0 || (error as Problem).status >= 500),
    },
  },
})

const useItems = <T>(
  key: readonly unknown[],
  path: string,
  query: Record<string, string | number | undefined> = {},
  staleTime?: number,
  refetchInterval?: number,
) =>
  useQuery<Items<T>, Problem>(
    {
      queryKey: [path, ...key],
      queryFn: () => get<Items<T>>(path, query),
      ...(staleTime === undefined ? {} : { staleTime }),
      ...(refetchInterval === undefined ? {} : { refetchInterval }),
    },
    queries,
  )

export const useInstruments = () =>
  useQuery<Items<InstrumentView>, Problem>(
    { queryKey: ['instruments'], queryFn: () => answerTo('/v1/instruments'), staleTime: 3_600_000 },
    queries,
  )
export const useStrategies = () => useItems<StrategyView>([], '/v1/strategies', {}, 3_600_000)
const ORDERS_A_PAGE = 200
const ordersOf = ({ pages }: { pages: Items<OrderView>[] }): readonly OrderView[] => pages.flatMap(page => page.items)

/** Newest first; `fetchNextPage` reads older ones. */
export const useOrders = (state: string, run: string | undefined) =>
  useInfiniteQuery<Items<OrderView>, Problem, readonly OrderView[], readonly unknown[], string | undefined>(
    {
      queryKey: ['/v1/orders', state, run],
      queryFn: ({ pageParam: before }) =>
        get<Items<OrderView>>('/v1/orders', { state, run, limit: ORDERS_A_PAGE, before }),
      initialPageParam: undefined,
      getNextPageParam: page => page.next ?? undefined,
      select: ordersOf,
      staleTime: 0,
    },
    queries,
  )
export const useFills = (run: string | undefined) => useItems<FillView>([run], '/v1/fills', { run, limit: 500 }, 0)
export const useEquity = (from: number) => useItems<EquityPoint>([from], '/v1/equity', { from }, 0)

/** Read again whenever the order changes, which `updatedAt` tells. */
export const useOrderHistory = (id: string, updatedAt: number | undefined) =>
  useQuery<OrderHistoryView, Problem>(
    {
      queryKey: ['order', id, updatedAt],
      queryFn: () => get<OrderHistoryView>(`/v1/orders/${encodeURIComponent(id)}`),
      placeholderData: before => before,
    },
    queries,
  )

/** Comparisons are made once a minute at most, and whenever somebody asks for one; a hidden page asks for nothing. */
const RECONCILED_EVERY_MS = 4_000
const RECONCILIATIONS_READ = 100
const DISCREPANCIES_READ = 200

/** Newest first. */
export const useReconciliations = (venue?: string) =>
  useItems<ReconciliationView>(
    [venue],
    '/v1/reconciliations',
    { venue, limit: RECONCILIATIONS_READ },
    0,
    RECONCILED_EVERY_MS,
  )
export const useDiscrepancies = (venue?: string) =>
  useItems<DiscrepancyView>([venue], '/v1/discrepancies', { venue, limit: DISCREPANCIES_READ }, 0, RECONCILED_EVERY_MS)
