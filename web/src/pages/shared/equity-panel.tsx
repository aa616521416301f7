import { type ReactNode, useMemo, useState } from 'react'
import type { RunView } from '../../contract.ts'
import { useEquityFeed, useRuns } from '../../feed/use-feed.ts'
import { useEquity } from '../../session/queries.ts'
import { later } from '../../shell/later.tsx'
import { serverNow } from '../../show/clock.ts'
import { minus } from '../../show/decimal.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Failure, Lacking, Note, Panel, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { type Column, ExportButton, Table } from '../../ui/table.tsx'
import { TwinButton } from '../trade/twin.tsx'
import { deepestFall, joined, type Moment, momentsOf, thinned } from './equity.ts'

const Line = later(() => import('./line.tsx'), <div className="min-h-28 flex-1" />)

export const RANGES = { '1h': 3_600, '6h': 21_600, '24h': 86_400, all: undefined } as const
export type Range = keyof typeof RANGES
export const rangeOf = (text: string | undefined): Range => (text && text in RANGES ? (text as Range) : '6h')

const POINTS_MAX = 3_000

interface EquityPanelProps {
  /** Null: all runs together. */
  readonly run: string | null
  readonly range?: Range
  readonly onRange?: (range: Range) => void
  readonly className?: string
}

/** Equity as a figure, and what was won or lost over the range as a line about zero. */
export function EquityPanel({ run, range: given, onRange, className }: EquityPanelProps): ReactNode {
  useLanguage()
  const [own, setOwn] = useState<Range>('6h')
  const [table, setTable] = useState(false)
  const range = given ?? own
  const from = useMemo(() => {
    const seconds = RANGES[range]
    return seconds === undefined ? 0 : Math.floor(serverNow() / 60_000_000) * 60_000_000 - seconds * 1_000_000
  }, [range])
  const read = useEquity(from)
  const streamed = useEquityFeed().data
  const runs = useFunded()
  const points = useMemo(() => joined(read.data?.items ?? [], streamed ?? [], from), [read.data, streamed, from])
  const moments = useMemo(() => momentsOf(points, runs ?? [], run), [points, runs, run])
  const drawn = useMemo(() => thinned(moments, POINTS_MAX), [moments])
  const loading = (read.isPending || !runs) && moments.length === 0

  return (
    <Panel
      title={t('equity.title')}
      className={className ?? ''}
      needs="portfolio:read"
      testId="equity"
      tools={
        <>
          <Segment
            label={t('equity.range')}
            options={(Object.keys(RANGES) as Range[]).map(
              one => [one, one === 'all' ? t('equity.range.all') : <Sym key={one}>{one}</Sym>] as const,
            )}
            value={range}
            onChange={onRange ?? setOwn}
            testId="range"
          />
          <TwinButton on={table} onToggle={() => setTable(!table)} what={t('equity.title')} />
        </>
      }
    >
      {read.error && moments.length > 0 && <Lacking error={read.error} onRetry={() => void read.refetch()} />}
      {loading ? (
        <Skeleton rows={5} />
      ) : read.error && moments.length === 0 ? (
        <Failure error={read.error} onRetry={() => void read.refetch()} />
      ) : moments.length === 0 ? (
        <Note>{t('equity.empty')}</Note>
      ) : table ? (
        <EquityTable moments={moments} />
      ) : (
        <>
          <Figures moments={moments} />
          <Line
            points={drawn}
            label={t('equity.summary', {
              from: moments[0]?.equity ?? '—',
              to: moments.at(-1)?.equity ?? '—',
              count: moments.length,
            })}
          />
        </>
      )}
    </Panel>
  )
}

/** The runs as far as the moments need them: the same list while nobody begins or is given more. */
function useFunded(): readonly RunView[] | undefined {
  const runs = useRuns().data
  const key = runs?.map(({ id, allocation }) => `${id} ${allocation}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that matters of the runs
  return useMemo(() => runs, [key])
}

function Figures({ moments }: { moments: readonly Moment[] }): ReactNode {
  const fall = useMemo(() => deepestFall(moments), [moments])
  const first = moments[0]
  const last = moments.at(-1)
  return (
    <dl className="flex flex-wrap items-end gap-x-6 gap-y-1 px-3 pt-2">
      <div>
        <dt className="text-caption text-text-2">
          {last ? rich('equity.at', { at: <Time at={last.at} timeOnly /> }) : t('equity.title')}
        </dt>
        <dd className="text-section font-semibold">
          <Num value={last?.equity} decimals={2} unit="USD" testId="equity-value" />
        </dd>
      </div>
      <Figure name={t('equity.gain')}>
        <Num value={last?.gain} decimals={2} change testId="equity-gain" />
      </Figure>
      <Figure name={t('equity.change')}>
        <Num value={first && last && minus(last.gain, first.gain)} decimals={2} change testId="equity-change" />
      </Figure>
      <Figure name={t('equity.fall')}>
        <Num value={fall} decimals={2} />
      </Figure>
    </dl>
  )
}

const Figure = ({ name, children }: { name: string; children: ReactNode }): ReactNode => (
  <div>
    <dt className="text-caption text-text-2">{name}</dt>
    <dd className="font-semibold">{children}</dd>
  </div>
)

function EquityTable({ moments }: { moments: readonly Moment[] }): ReactNode {
  const language = useLanguage()
  const rows = useMemo(() => [...moments].reverse(), [moments])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo(
    (): Column<Moment>[] => [
      { key: 'at', label: t('chart.table.time'), value: row => isoOf(row.at), cell: row => <Time at={row.at} /> },
      {
        key: 'equity',
        label: t('equity.title'),
        numeric: true,
        value: row => row.equity,
        cell: row => <Num value={row.equity} decimals={2} unit="USD" />,
      },
      {
        key: 'gain',
        label: t('equity.gain'),
        numeric: true,
        value: row => row.gain,
        cell: row => <Num value={row.gain} decimals={2} change />,
      },
    ],
    [language],
  )
  return (
    <>
      <div className="flex justify-end px-2 py-1">
        <ExportButton name="equity" rows={rows} columns={columns} />
      </div>
      <Table label={t('equity.title')} rows={rows} columns={columns} rowKey={row => `${row.at}`} empty={null} />
    </>
  )
}
