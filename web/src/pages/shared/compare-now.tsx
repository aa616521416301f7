import { type ReactNode, useState } from 'react'
import type { ReconciliationView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { may } from '../../session/session.ts'
import { ageMs, serverNow } from '../../show/clock.ts'
import { useNow } from '../../show/now.ts'
import { Ago, Num } from '../../show/show.tsx'
import { rich, t } from '../../text/text.tsx'
import { problemText } from '../../ui/panel.tsx'
import { answers, resultOf } from './comparisons.ts'

const LOOK = {
  equal: { colour: 'text-ok', mark: '●' },
  corrected: { colour: 'text-text', mark: '◐' },
  escalated: { colour: 'text-warn', mark: '▲' },
  failed: { colour: 'text-danger', mark: '■' },
} as const

/** What came of a comparison, with its mark; and how long ago it ended; or in full, where that is said beside it. */
export function ComparisonResult({ run, full }: { run: ReconciliationView | undefined; full?: boolean }): ReactNode {
  if (!run) return <span className="text-text-2">{t('compare.never')}</span>
  const result = resultOf(run)
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5" data-testid="comparison-result" data-result={result}>
      <span className={`inline-flex items-center gap-1.5 font-medium ${LOOK[result].colour}`}>
        <span aria-hidden="true" className="w-[1em] text-center text-[0.8em]">
          {LOOK[result].mark}
        </span>
        <span>
          {rich(`compare.result.${result}`, {
            n: <Num value={result === 'corrected' ? run.corrected : run.escalated} />,
            count: run.escalated,
          })}
          {full && result === 'escalated' && run.corrected > 0 && (
            <> · {rich('compare.result.corrected', { n: <Num value={run.corrected} /> })}</>
          )}
        </span>
      </span>
      {!full && (
        <span className="text-text-2">
          <Ago at={run.finishedAt} />
        </span>
      )}
    </span>
  )
}

/** After so long without the answer the page says so, and one may ask again. */
const WAITED_MAX_MS = 60_000

interface CompareNowProps {
  readonly venue: string
  readonly title: string
  readonly last: ReconciliationView | undefined
  readonly onAsked: () => void
}

/** Asks for a comparison; it is over when the server shows one that answers the asking. */
export function CompareNow({ venue, title, last, onAsked }: CompareNowProps): ReactNode {
  useNow()
  const [askedAt, setAskedAt] = useState<number>()
  const [problem, setProblem] = useState<Problem>()
  if (!may('venues:operate')) return null
  const isOpen = askedAt !== undefined && !answers(last, askedAt)
  const isLate = isOpen && ageMs(askedAt) > WAITED_MAX_MS
  const isWaiting = isOpen && !isLate

  async function ask(): Promise<void> {
    setAskedAt(serverNow())
    setProblem(undefined)
    try {
      await call<unknown>('POST', `/v1/venues/${encodeURIComponent(venue)}/reconcile`)
      onAsked()
    } catch (error) {
      setProblem(error as Problem)
      setAskedAt(undefined)
    }
  }
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <button
        type="button"
        className="btn"
        disabled={isWaiting}
        aria-label={t('compare.now.label', { name: title })}
        onClick={() => void ask()}
        data-testid="compare-now"
        data-venue={venue}
      >
        {t(isWaiting ? 'compare.now.waiting' : 'compare.now')}
      </button>
      {isLate && <span className="text-text-2">{t('compare.now.late')}</span>}
      {problem && (
        <span role="alert" className="text-danger">
          {problemText(problem)}
        </span>
      )}
    </span>
  )
}
