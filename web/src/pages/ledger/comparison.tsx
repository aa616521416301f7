import { type ReactNode, useMemo, useState } from 'react'
import type { ComparisonView, Items } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { may } from '../../session/session.ts'
import { minus } from '../../show/decimal.ts'
import { Ago, Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Lacking, Panel, problemText } from '../../ui/panel.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { accountTitle } from './account-name.tsx'
import { useComparisons } from './data.ts'

type Difference = ComparisonView['differences'][number] & { readonly shard: number }

interface ComparisonProps {
  /** Shows the account that a difference is of. */
  readonly onAccount: (of: { owner: string; asset: string }) => void
}

/** How the exchange and the ledger last compared: one line when they agree, and every difference when they do not. */
export function ComparisonCard({ onAccount }: ComparisonProps): ReactNode {
  const language = useLanguage()
  const read = useComparisons()
  const made = read.data?.items
  const differences = useMemo(
    () => (made ?? []).flatMap(({ shard, differences }) => differences.map(found => ({ ...found, shard }))),
    [made],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo(columnsOf, [language])
  const count = (made ?? []).reduce((sum, { differenceCount }) => sum + differenceCount, 0)
  return (
    <Panel
      title={t('match.title')}
      needs="ledger:read"
      testId="comparison"
      className="border-b border-line"
      tools={<CompareNow onDone={() => void read.refetch()} />}
    >
      {read.error && <Lacking error={read.error} onRetry={() => void read.refetch()} />}
      {made ? (
        <Standing made={made} count={count} />
      ) : (
        !read.error && (
          <p className="px-3 py-2" role="status" aria-label={t('state.loading')}>
            <span className="skeleton block h-4 w-72 max-w-full" />
          </p>
        )
      )}
      {differences.length > 0 && (
        <div className="flex max-h-72 flex-col border-t border-line">
          <Table
            label={t('match.differences')}
            rows={differences}
            columns={columns}
            rowKey={({ shard, owner, asset }) => `${shard} ${owner} ${asset}`}
            onOpen={onAccount}
            rowTestId="difference"
            empty={null}
          />
          {differences.length < count && (
            <p className="px-3 py-1 text-text-2">
              {rich('match.some', { n: <Num value={differences.length} />, all: <Num value={count} /> })}
            </p>
          )}
        </div>
      )}
    </Panel>
  )
}

function Standing({ made, count }: { made: readonly ComparisonView[]; count: number }): ReactNode {
  if (made.length === 0)
    return (
      <p className="px-3 py-2 text-text-2" data-testid="comparison-standing" data-standing="never">
        {t('compare.never')}. {t('match.what')}
      </p>
    )
  const accounts = made.reduce((sum, one) => sum + one.accounts, 0)
  const isEqual = count === 0
  return (
    <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1 px-3 py-2">
      <strong
        className={`font-semibold ${isEqual ? 'text-ok' : 'text-danger'}`}
        data-testid="comparison-standing"
        data-standing={isEqual ? 'equal' : 'different'}
      >
        <span aria-hidden="true">{isEqual ? '✓ ' : '✗ '}</span>
        {isEqual ? t('match.equal') : rich('match.different', { n: <Num value={count} />, count })}
      </strong>
      <span>{rich('match.accounts', { n: <Num value={accounts} />, count: accounts })}</span>
      {/* The oldest of them: what is said is true of all. */}
      <span className="text-text-2" data-testid="comparison-at">
        {rich('match.at', { at: <Ago at={Math.min(...made.map(({ at }) => at))} /> })}
      </span>
      <span className="text-text-2">{t('match.what')}</span>
    </div>
  )
}

function CompareNow({ onDone }: { onDone: () => void }): ReactNode {
  const [isComparing, setComparing] = useState(false)
  /** Why there is nothing new. */
  const [failure, setFailure] = useState<string>()
  if (!may('ledger:verify')) return null
  async function compare(): Promise<void> {
    if (isComparing) return
    setComparing(true)
    setFailure(undefined)
    try {
      const { items } = await call<Items<ComparisonView>>('POST', '/v1/exchange/comparisons')
      const count = items.reduce((sum, { differenceCount }) => sum + differenceCount, 0)
      if (items.length === 0) setFailure(t('match.behind'))
      else announce(count === 0 ? t('match.equal') : t('match.different', { n: String(count), count }))
      onDone()
    } catch (error) {
      setFailure(problemText(error as Problem))
    } finally {
      setComparing(false)
    }
  }
  return (
    <>
      {failure && (
        <span role="alert" className="text-danger">
          {failure}
        </span>
      )}
      <button
        type="button"
        className="btn"
        aria-disabled={isComparing}
        onClick={() => void compare()}
        data-testid="comparison-now"
      >
        {t(isComparing ? 'compare.now.waiting' : 'compare.now')}
      </button>
    </>
  )
}

const columnsOf = (): Column<Difference>[] => [
  {
    key: 'account',
    label: t('journal.account'),
    value: row => row.owner,
    // On a phone both amounts stand with it, so that all of it is in sight.
    cell: row => (
      <div className="@max-sm:py-1.5">
        <bdi className="block @max-sm:whitespace-normal @sm:max-w-80 @sm:truncate">
          {accountTitle({ ...row, kind: 'client_trading' })}
        </bdi>
        <Amount name={t('match.exchange')} value={row.exchange} />
        <Amount name={t('match.ledger')} value={row.ledger} />
      </div>
    ),
  },
  { key: 'asset', label: t('balance.asset'), value: row => row.asset, cell: row => <Sym>{row.asset}</Sym>, wide: 'md' },
  {
    key: 'exchange',
    label: t('match.exchange'),
    numeric: true,
    value: row => row.exchange,
    cell: row => <Num value={row.exchange} />,
    wide: 'sm',
  },
  {
    key: 'ledger',
    label: t('match.ledger'),
    numeric: true,
    value: row => row.ledger,
    cell: row => <Num value={row.ledger} />,
    wide: 'sm',
  },
  {
    key: 'gap',
    label: t('match.gap'),
    numeric: true,
    value: row => minus(row.exchange, row.ledger),
    cell: row => <Num value={minus(row.exchange, row.ledger)} sign="always" className="font-semibold text-danger" />,
  },
]

const Amount = ({ name, value }: { name: string; value: string }): ReactNode => (
  <span className="block text-text-2 @sm:hidden">
    {name} <Num value={value} />
  </span>
)
