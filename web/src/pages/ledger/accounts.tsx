import { type ReactNode, useMemo } from 'react'
import type { AccountView } from '../../contract.ts'
import { Ago, Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Failure, Lacking, Note, Skeleton } from '../../ui/panel.tsx'
import { type Column, ExportButton, Table } from '../../ui/table.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { OlderButton } from '../shared/older.tsx'
import { kindName, ownerName } from './account-name.tsx'
import { type AccountFilter, useAccounts, useTrialBalance } from './data.ts'

const KINDS = [
  'client_wallet',
  'client_trading',
  'client_held',
  'house_fees',
  'house_equity',
  'clearing',
  'outside',
] as const satisfies readonly AccountView['kind'][]

interface AccountsProps {
  readonly filter: AccountFilter
  readonly sort: string | undefined
  readonly onChange: (values: Record<string, string | undefined>) => void
  readonly onOpen: (account: string) => void
}

/** Every account of the books, with what it holds. */
export function Accounts({ filter, sort: sorting, onChange, onOpen }: AccountsProps): ReactNode {
  const language = useLanguage()
  const read = useAccounts(filter)
  const assets = useAssets()
  const sort = parseSort(sorting)
  const rows = read.data ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo(columnsOf, [language])
  const isFiltered = Boolean(filter.kind || filter.asset || filter.owner)
  const select = (
    name: 'kind' | 'asset',
    label: string,
    all: string,
    options: readonly (readonly [string, string])[],
  ) => (
    <label className="flex items-center gap-2 max-sm:flex-1 max-sm:flex-col max-sm:items-start max-sm:gap-0">
      <span className="text-text-2">{label}</span>
      <select
        className="field sm:w-40!"
        value={filter[name] ?? ''}
        onChange={event => onChange({ [name]: event.target.value || undefined })}
        data-testid={`accounts-${name}`}
      >
        <option value="">{all}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        {select(
          'kind',
          t('account.kind'),
          t('accounts.allKinds'),
          KINDS.map(kind => [kind, kindName(kind)] as const),
        )}
        {select(
          'asset',
          t('balance.asset'),
          t('accounts.allAssets'),
          assets.map(asset => [asset, asset] as const),
        )}
        <form
          className="flex max-sm:flex-1"
          onSubmit={event => {
            event.preventDefault()
            const typed = new FormData(event.currentTarget).get('owner')
            onChange({ owner: String(typed ?? '').trim() || undefined })
          }}
        >
          <label className="flex items-center gap-2 max-sm:flex-1 max-sm:flex-col max-sm:items-start max-sm:gap-0">
            <span className="text-text-2">{t('account.owner')}</span>
            <input
              key={filter.owner ?? ''}
              name="owner"
              className="field sm:w-40!"
              autoComplete="off"
              defaultValue={filter.owner ?? ''}
              onBlur={event => {
                const typed = event.target.value.trim()
                if (typed !== (filter.owner ?? '')) onChange({ owner: typed || undefined })
              }}
              data-testid="accounts-owner"
            />
          </label>
        </form>
        <span className="ms-auto flex items-center gap-2 text-text-2 max-sm:w-full max-sm:justify-between">
          <span>{rich('accounts.count', { n: <Num value={rows.length} />, count: rows.length })}</span>
          <ExportButton name="accounts" rows={rows} columns={columns} sort={sort} />
        </span>
      </div>
      <div className="flex min-h-0 flex-1 flex-col">
        {read.error && rows.length > 0 && (
          <Lacking
            error={read.error}
            onRetry={() => void (read.isFetchNextPageError ? read.fetchNextPage() : read.refetch())}
          />
        )}
        {read.error && rows.length === 0 ? (
          <Failure error={read.error} onRetry={() => void read.refetch()} />
        ) : read.isPending ? (
          <Skeleton rows={14} />
        ) : (
          <Table
            label={t('ledger.view.accounts')}
            rows={rows}
            columns={columns}
            rowKey={account => account.id}
            sort={sort}
            onSort={next => onChange({ sort: sortText(next) })}
            onOpen={account => onOpen(account.id)}
            rowTestId="account-row"
            empty={
              <Note>
                <p>{t(isFiltered ? 'accounts.none' : 'accounts.empty')}</p>
                {isFiltered && (
                  <button
                    type="button"
                    className="btn mt-2"
                    onClick={() => onChange({ kind: undefined, asset: undefined, owner: undefined })}
                  >
                    {t('accounts.clear')}
                  </button>
                )}
              </Note>
            }
          />
        )}
        <OlderButton read={read} label={t('accounts.more')} />
      </div>
    </>
  )
}

/** The assets of the books, as the trial balance names them. */
function useAssets(): readonly string[] {
  const { data } = useTrialBalance(undefined)
  return useMemo(() => [...new Set((data?.items ?? []).map(({ asset }) => asset))].sort(), [data])
}

const columnsOf = (): Column<AccountView>[] => [
  {
    key: 'kind',
    label: t('account.kind'),
    value: row => row.kind,
    // On a phone the owner stands with it, so that the balance is in sight.
    cell: row => (
      <span className="block max-sm:max-w-40 max-sm:truncate">
        {kindName(row.kind)} <bdi className="text-text-2 sm:hidden">{ownerName(row.owner)}</bdi>
      </span>
    ),
  },
  {
    key: 'owner',
    label: t('account.owner'),
    value: row => row.owner,
    cell: row => <bdi>{ownerName(row.owner)}</bdi>,
    wide: 'sm',
  },
  { key: 'asset', label: t('balance.asset'), value: row => row.asset, cell: row => <Sym>{row.asset}</Sym>, wide: 'sm' },
  {
    key: 'shard',
    label: t('account.shard'),
    value: row => row.shard,
    cell: row => <Num value={row.shard} />,
    wide: 'lg',
  },
  {
    key: 'balance',
    label: t('account.balance'),
    numeric: true,
    value: row => row.balance,
    cell: row => <Num value={row.balance} unit={row.asset} />,
  },
  {
    key: 'entries',
    label: t('account.entries'),
    numeric: true,
    value: row => row.entries,
    cell: row => <Num value={row.entries} />,
    wide: 'md',
  },
  {
    key: 'updatedAt',
    label: t('account.updated'),
    value: row => row.updatedAt,
    cell: row => <Ago at={row.updatedAt} />,
    wide: 'lg',
  },
]
