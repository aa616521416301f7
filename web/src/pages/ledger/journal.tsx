import type { ReactNode } from 'react'
import type { EntryView } from '../../contract.ts'
import { signOf, sum } from '../../show/decimal.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, Skeleton } from '../../ui/panel.tsx'
import { AccountName } from './account-name.tsx'
import { causeOf } from './cause.ts'
import { useJournal, useJournalsOf, useTransfer } from './data.ts'
import { causeText, journalKind } from './words.ts'

interface JournalProps {
  readonly id: string
  readonly onClose: () => void
  readonly onJournal: (journal: string) => void
  readonly onAccount: (account: string) => void
}

/** A journal with all its lines: whose money went where, and why. */
export function JournalSheet({ id, onClose, onJournal, onAccount }: JournalProps): ReactNode {
  useLanguage()
  const { data: journal, error, refetch } = useJournal(id)
  return (
    <Dialog side title={t('journal.title')} onClose={onClose} width="620px" testId="journal-sheet">
      {error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : !journal ? (
        <Skeleton rows={6} />
      ) : (
        <>
          <p className="text-form font-semibold" data-testid="journal-cause">
            {causeText(journal.kind, journal.cause)}
          </p>
          <p className="text-text-2">
            <Time at={journal.at} precision="milliseconds" />
          </p>
          {journal.cause && <TransferOf cause={journal.cause} />}
          {journal.reverses && (
            <Link text={t('journal.reverses')} onClick={() => onJournal(journal.reverses as string)} />
          )}
          {journal.reversedBy && (
            <Link text={t('journal.reversedBy')} onClick={() => onJournal(journal.reversedBy as string)} />
          )}
          <Lines entries={journal.entries} onAccount={onAccount} />
          <Siblings id={id} cause={journal.cause} onJournal={onJournal} />
          <dl className="mt-5 grid grid-cols-[auto_1fr] gap-x-4 border-t border-line pt-3 text-cell text-text-2">
            <dt>{t('journal.key')}</dt>
            <dd className="min-w-0 break-all">
              <Sym mono>{journal.key}</Sym>
            </dd>
          </dl>
        </>
      )}
    </Dialog>
  )
}

const Link = ({ text, onClick }: { text: string; onClick: () => void }): ReactNode => (
  <button type="button" className="block min-h-6 text-link underline" onClick={onClick}>
    {text}
  </button>
)

/** The transfer that it belongs to, as far as it is one's own. */
function TransferOf({ cause }: { cause: string }): ReactNode {
  const found = causeOf(cause)
  return found.kind === 'transfer' ? <Transfer id={found.id} /> : null
}

function Transfer({ id }: { id: string }): ReactNode {
  const { data } = useTransfer(id)
  if (!data) return null
  return (
    <p className="mt-2 rounded-control bg-surface p-2" data-testid="journal-transfer">
      {rich(data.direction === 'in' ? 'journal.transfer.in' : 'journal.transfer.out', {
        amount: <Num value={data.amount} unit={data.asset} />,
        state: t(`transferState.${data.state}`),
      })}
    </p>
  )
}

function Lines({ entries, onAccount }: { entries: readonly EntryView[]; onAccount: (id: string) => void }): ReactNode {
  const assets = [...new Set(entries.map(({ asset }) => asset))]
  return (
    <div className="mt-4 overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">{t('journal.lines')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('journal.account')}</th>
            <th scope="col" data-end>
              {t('entry.amount')}
            </th>
            <th scope="col" data-end className="max-sm:hidden">
              {t('entry.balance')}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <tr key={entry.line} data-testid="journal-line">
              <td className="whitespace-normal!">
                <button
                  type="button"
                  className="min-h-6 text-start text-link underline"
                  onClick={() => onAccount(entry.account)}
                >
                  <AccountName id={entry.account} />
                </button>
              </td>
              <td data-end className="font-medium">
                <Num value={entry.amount} sign="always" />
              </td>
              <td data-end className="text-text-2 max-sm:hidden">
                <Num value={entry.balance} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {assets.map(asset => {
            const total = sum(entries.filter(entry => entry.asset === asset).map(entry => entry.amount))
            return (
              <tr key={asset}>
                <td className="text-text-2">
                  {t(signOf(total) === 0 ? 'journal.balanced' : 'journal.unbalanced', { asset })}
                </td>
                <td data-end>
                  <Num value={total} />
                </td>
                <td className="max-sm:hidden" />
              </tr>
            )
          })}
        </tfoot>
      </table>
    </div>
  )
}

/** What else was posted for the same reason. */
function Siblings({
  id,
  cause,
  onJournal,
}: {
  id: string
  cause: string | null
  onJournal: (id: string) => void
}): ReactNode {
  const { data } = useJournalsOf(cause)
  const others = (data?.items ?? []).filter(journal => journal.id !== id)
  if (others.length === 0) return null
  return (
    <>
      <h3 className="mt-5 mb-1 font-semibold">{t('journal.siblings')}</h3>
      <ul>
        {others.map(journal => (
          <li key={journal.id} className="flex flex-wrap items-baseline gap-x-3">
            <Link text={journalKind(journal.kind)} onClick={() => onJournal(journal.id)} />
            <span className="text-text-2">
              <Time at={journal.at} precision="milliseconds" />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
