import { type ReactNode, useMemo } from 'react'
import type { AccountView } from '../../contract.ts'
import { Ago, Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Failure, Note, Skeleton } from '../../ui/panel.tsx'
import { ExportButton, Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { OlderButton } from '../shared/older.tsx'
import { accountTitle } from './account-name.tsx'
import { useAccount, useEntries } from './data.ts'
import { entryColumns } from './entry-columns.tsx'
import { Statement } from './statement.tsx'

interface AccountProps {
  readonly id: string
  readonly tab: string | undefined
  readonly onTab: (tab: string | undefined) => void
  readonly onBack: () => void
  readonly onJournal: (journal: string) => void
  readonly journal: string | undefined
}

/** One account: what it holds, every line of it, and statements. */
export function AccountPart(props: AccountProps): ReactNode {
  useLanguage()
  const { id, onBack, onTab } = props
  const { data: account, error, refetch } = useAccount(id)
  if (error && !account) return <Failure error={error} onRetry={() => void refetch()} />
  if (!account) return <Skeleton rows={14} />
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="account">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line px-4 py-2">
        <button type="button" className="btn" onClick={onBack} data-testid="account-back">
          {t('account.back')}
        </button>
        <h2 className="text-section font-semibold" data-testid="account-title">
          <bdi>{accountTitle(account)}</bdi>
        </h2>
        <Facts account={account} />
      </div>
      <Tabs
        label={accountTitle(account)}
        className="min-h-64 flex-1"
        value={props.tab === 'statement' ? 'statement' : 'entries'}
        onChange={next => onTab(next === 'entries' ? undefined : next)}
        items={[
          { key: 'entries', label: t('account.entries'), content: () => <Entries {...props} account={account} /> },
          { key: 'statement', label: t('statement.title'), content: () => <Statement {...props} account={account} /> },
        ]}
      />
    </div>
  )
}

function Facts({ account }: { account: AccountView }): ReactNode {
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('account.balance'), <Num key="b" value={account.balance} unit={account.asset} testId="account-balance" />],
    [
      t('account.minimum'),
      account.minimum === null ? (
        t('account.minimum.none')
      ) : (
        <Num key="m" value={account.minimum} unit={account.asset} />
      ),
    ],
    [t('account.entries'), <Num key="e" value={account.entries} />],
    [t('account.updated'), <Ago key="u" at={account.updatedAt} />],
  ]
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-cell">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-caption text-text-2">{name}</dt>
          <dd className="font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Entries({ id, onJournal, journal, account }: AccountProps & { account: AccountView }): ReactNode {
  const language = useLanguage()
  const read = useEntries(id)
  const rows = read.data ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo(entryColumns, [language])
  if (read.error && rows.length === 0) return <Failure error={read.error} onRetry={() => void read.refetch()} />
  if (read.isPending) return <Skeleton rows={12} />
  return (
    <>
      {rows.length > 0 && (
        <div className="flex justify-end px-2 py-0.5">
          <ExportButton name={`entries-${account.owner}-${account.asset}`} rows={rows} columns={columns} />
        </div>
      )}
      <Table
        label={t('account.entries')}
        rows={rows}
        columns={columns}
        rowKey={entry => `${entry.journal} ${entry.line}`}
        onOpen={entry => onJournal(entry.journal)}
        selected={rows.find(entry => entry.journal === journal)?.journal}
        rowTestId="entry-row"
        empty={<Note>{t('account.noEntries')}</Note>}
      />
      <OlderButton read={read} label={t('account.older')} />
    </>
  )
}
