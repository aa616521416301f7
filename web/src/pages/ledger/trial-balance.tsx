import type { ReactNode } from 'react'
import { minus } from '../../show/decimal.ts'
import { Num, Sym } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { csv, download } from '../../ui/csv.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Note, Skeleton } from '../../ui/panel.tsx'
import { kindName } from './account-name.tsx'
import { useTrialBalance } from './data.ts'
import { type AssetTotal, totalsOf } from './trial.ts'

/** Debits and credits of every kind of account, by asset, and whether they are the same. */
export function TrialBalance({
  at: text,
  onAt,
}: {
  at: string | undefined
  onAt: (at: string | undefined) => void
}): ReactNode {
  useLanguage()
  const at = text === undefined ? undefined : Number(text)
  const { data, error, refetch } = useTrialBalance(at)
  const totals = totalsOf(data?.items ?? [])
  const isBalanced = data?.isBalanced === true && totals.every(total => total.isBalanced)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        <label className="flex items-center gap-2">
          <span className="text-text-2">{t('trial.at')}</span>
          <input
            type="datetime-local"
            dir="ltr"
            className="field w-48"
            value={at === undefined ? '' : isoOf(at).slice(0, 16)}
            onChange={event => {
              const ms = Date.parse(`${event.target.value}Z`)
              onAt(Number.isNaN(ms) ? undefined : String(ms * 1_000))
            }}
            data-testid="trial-at"
          />
        </label>
        {at === undefined ? (
          <span className="text-text-2">{t('trial.now')}</span>
        ) : (
          <button type="button" className="btn" onClick={() => onAt(undefined)}>
            {t('trial.toNow')}
          </button>
        )}
        {data && (
          <span className={`ms-auto font-semibold ${isBalanced ? 'text-ok' : 'text-danger'}`} data-testid="trial-check">
            {isBalanced ? '✓ ' : '✗ '}
            {t(isBalanced ? 'trial.balanced' : 'trial.unbalanced')}
          </span>
        )}
        <button
          type="button"
          className="btn btn-bare text-text-2"
          disabled={totals.length === 0}
          onClick={() => download('trial-balance.csv', csvOf(totals))}
        >
          <Icon name="download" />
          {t('action.exportCsv')}
        </button>
      </div>
      {error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={14} />
      ) : totals.length === 0 ? (
        <Note>{t('trial.empty')}</Note>
      ) : (
        <section
          className="min-h-0 flex-1 overflow-auto -outline-offset-2"
          aria-label={t('ledger.view.trial')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
          tabIndex={0}
        >
          <table className="grid-table">
            <caption className="sr-only">{t('ledger.view.trial')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('account.kind')}</th>
                <th scope="col" data-end className="max-sm:hidden">
                  {t('ledger.view.accounts')}
                </th>
                <th scope="col" data-end className="sm:hidden">
                  {t('trial.net')}
                </th>
                <th scope="col" data-end className="max-sm:hidden">
                  {t('trial.debit')}
                </th>
                <th scope="col" data-end className="max-sm:hidden">
                  {t('trial.credit')}
                </th>
              </tr>
            </thead>
            {totals.map(total => (
              <Asset key={total.asset} total={total} />
            ))}
          </table>
        </section>
      )}
    </div>
  )
}

function Asset({ total }: { total: AssetTotal }): ReactNode {
  return (
    <tbody data-testid="trial-asset">
      <tr className="bg-surface">
        <td colSpan={5} className="font-semibold">
          <Sym>{total.asset}</Sym>
        </td>
      </tr>
      {total.rows.map(row => (
        <tr key={row.kind}>
          <td>{kindName(row.kind)}</td>
          <td data-end className="max-sm:hidden">
            <Num value={row.accounts} />
          </td>
          <td data-end className="sm:hidden">
            <Num value={minus(row.credit, row.debit)} />
          </td>
          <td data-end className="max-sm:hidden">
            <Num value={row.debit} />
          </td>
          <td data-end className="max-sm:hidden">
            <Num value={row.credit} />
          </td>
        </tr>
      ))}
      <tr className="font-semibold">
        <td>
          <span className={total.isBalanced ? 'text-ok' : 'text-danger'}>{total.isBalanced ? '✓' : '✗'}</span>{' '}
          {t('trial.total')}
        </td>
        <td className="max-sm:hidden" />
        <td data-end className="sm:hidden">
          <Num value={minus(total.credit, total.debit)} />
        </td>
        <td data-end className="max-sm:hidden">
          <Num value={total.debit} />
        </td>
        <td data-end className="max-sm:hidden">
          <Num value={total.credit} />
        </td>
      </tr>
    </tbody>
  )
}

const csvOf = (totals: readonly AssetTotal[]): string =>
  csv([
    ['asset', 'kind', 'accounts', 'debit', 'credit'],
    ...totals.flatMap(({ rows }) => rows.map(row => [row.asset, row.kind, row.accounts, row.debit, row.credit])),
  ])
