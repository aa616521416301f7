import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type {
  AccountView,
  ComparisonView,
  EntryView,
  Items,
  JournalView,
  JournalWithEntriesView,
  StatementView,
  TransferView,
  TrialBalanceView,
} from '../../contract.ts'
import { get } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { queries } from '../../session/queries.ts'

const ACCOUNTS_A_PAGE = 200
const ENTRIES_A_PAGE = 100

/** The filters of the account list; an owner is named whole. */
export interface AccountFilter {
  readonly kind?: string | undefined
  readonly asset?: string | undefined
  readonly owner?: string | undefined
}

function usePages<T>(path: string, query: Record<string, string | number | undefined>, cursor: 'after' | 'before') {
  return useInfiniteQuery<Items<T>, Problem, readonly T[], readonly unknown[], string | undefined>(
    {
      queryKey: [path, query],
      queryFn: ({ pageParam }) => get<Items<T>>(path, { ...query, [cursor]: pageParam }),
      initialPageParam: undefined,
      getNextPageParam: page => page.next ?? undefined,
      select: ({ pages }) => pages.flatMap(page => page.items),
      staleTime: 0,
    },
    queries,
  )
}

export const useAccounts = ({ kind, asset, owner }: AccountFilter) =>
  usePages<AccountView>('/v1/ledger/accounts', { kind, asset, owner, limit: ACCOUNTS_A_PAGE }, 'after')
export const useEntries = (account: string) =>
  usePages<EntryView>(`/v1/ledger/accounts/${account}/entries`, { limit: ENTRIES_A_PAGE }, 'before')

/** An account by itself: the statement of a stretch without a length. */
export const useAccount = (id: string) =>
  useQuery<AccountView, Problem>(
    {
      queryKey: ['/v1/ledger/account', id],
      queryFn: async () =>
        (await get<StatementView>(`/v1/ledger/accounts/${id}/statement`, { from: 0, to: 0 })).account,
    },
    queries,
  )
export const useStatement = (id: string, from: number, to: number) =>
  useQuery<StatementView, Problem>(
    {
      queryKey: ['/v1/ledger/statement', id, from, to],
      queryFn: () => get(`/v1/ledger/accounts/${id}/statement`, { from, to }),
      placeholderData: before => before,
    },
    queries,
  )
/** A journal never changes, but for whether it was reversed. */
export const useJournal = (id: string) =>
  useQuery<JournalWithEntriesView, Problem>(
    { queryKey: ['/v1/ledger/journal', id], queryFn: () => get(`/v1/ledger/journals/${id}`) },
    queries,
  )
export const useJournalsOf = (cause: string | null) =>
  useQuery<Items<JournalView>, Problem>(
    {
      queryKey: ['/v1/ledger/journals', cause],
      queryFn: () => get('/v1/ledger/journals', { cause: cause ?? undefined, limit: 20 }),
      enabled: cause !== null,
    },
    queries,
  )
export const useTrialBalance = (at: number | undefined) =>
  useQuery<TrialBalanceView, Problem>(
    {
      queryKey: ['/v1/ledger/trial-balance', at],
      queryFn: () => get('/v1/ledger/trial-balance', { at }),
      staleTime: 0,
    },
    queries,
  )
/** They are compared each minute; a hidden page asks for nothing. */
const COMPARED_EVERY_MS = 10_000
export const useComparisons = () =>
  useQuery<Items<ComparisonView>, Problem>(
    {
      queryKey: ['/v1/exchange/comparisons'],
      queryFn: () => get('/v1/exchange/comparisons'),
      staleTime: 0,
      refetchInterval: COMPARED_EVERY_MS,
    },
    queries,
  )
/** One's own; of others nothing is told. */
export const useTransfer = (id: string) =>
  useQuery<TransferView, Problem>(
    { queryKey: ['/v1/exchange/transfer', id], queryFn: () => get(`/v1/exchange/transfers/${id}`), retry: false },
    queries,
  )
