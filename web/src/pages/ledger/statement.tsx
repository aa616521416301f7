import { type ReactNode, useMemo, useState } from 'react'
import type { AccountView, StatementView } from '../../contract.ts'
import { readText } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { serverNow } from '../../show/clock.ts'
import { Num } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { download } from '../../ui/csv.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Note, problemText, Skeleton } from '../../ui/panel.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { useStatement } from './data.ts'
import { entryColumns } from './entry-columns.tsx'
import { journalKind } from './words.ts'

type Line = StatementView['lines'][number]

const DAY = 86_400_000_000
const MINUTE = 60_000_000

/** Between microseconds and what the browser's field takes, both in UTC. */
const toField = (at: number): string => isoOf(at).slice(0, 16)
const fromField = (text: string): number | undefined => {
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? undefined : at * 1_000
}

const lineColumns = (): Column<Line>[] => [
  ...(entryColumns() as Column<Line>[]),
  { key: 'kind', label: t('journal.kind'), value: row => row.kind, cell: row => journalKind(row.kind), wide: 'md' },
]

/** What came in and went out from one time to another, to look at and to keep. */
export function Statement(props: { account: AccountView; onJournal: (journal: string) => void }): ReactNode {
  const language = useLanguage()
  const { account, onJournal } = props
  const [range, setRange] = useState(() => {
    const to = Math.ceil(serverNow() / MINUTE + 1) * MINUTE
    return { from: to - DAY, to }
  })
  const [problem, setProblem] = useState<Problem>()
  const { data, error, refetch } = useStatement(account.id, range.from, range.to)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo(lineColumns, [language])
  async function save(): Promise<void> {
    setProblem(undefined)
    const query = new URLSearchParams({ from: String(range.from), to: String(range.to), format: 'csv' })
    try {
      const text = await readText(`/v1/ledger/accounts/${account.id}/statement?${query}`)
      download(`statement-${account.owner}-${account.asset}-${toField(range.from).slice(0, 10)}.csv`, text)
    } catch (failure) {
      setProblem(failure as Problem)
    }
  }
  const field = (name: 'from' | 'to'): ReactNode => (
    <label className="flex items-center gap-2">
      <span className="text-text-2">{t(`statement.${name}`)}</span>
      <input
        type="datetime-local"
        dir="ltr"
        className="field w-48"
        value={toField(range[name])}
        onChange={event => {
          const at = fromField(event.target.value)
          if (at !== undefined) setRange(before => ({ ...before, [name]: at }))
        }}
        data-testid={`statement-${name}`}
      />
    </label>
  )
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-3 py-2">
        {field('from')}
        {field('to')}
        <span className="text-text-2">UTC</span>
        <button type="button" className="btn ms-auto" onClick={() => void save()} data-testid="statement-csv">
          <Icon name="download" />
          {t('action.exportCsv')}
        </button>
      </div>
      {problem && (
        <p role="alert" className="bg-alarm-bg px-3 py-1 text-alarm">
          {problemText(problem)}
        </p>
      )}
      {error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={8} />
      ) : (
        <>
          <p className="flex flex-wrap gap-x-6 px-3 py-2" data-testid="statement-sums">
            <span>{rich('statement.opening', { amount: <Num value={data.opening} unit={account.asset} /> })}</span>
            <span>{rich('statement.closing', { amount: <Num value={data.closing} unit={account.asset} /> })}</span>
            <span className="text-text-2">
              {rich('statement.lines', { n: <Num value={data.lines.length} />, count: data.lines.length })}
            </span>
          </p>
          <Table
            label={t('statement.title')}
            rows={data.lines}
            columns={columns}
            rowKey={line => `${line.journal} ${line.line}`}
            onOpen={line => onJournal(line.journal)}
            rowTestId="statement-row"
            empty={<Note>{t('statement.empty')}</Note>}
          />
        </>
      )}
    </>
  )
}
