import type { ReactNode } from 'react'
import type { DiscrepancyView } from '../../contract.ts'
import { Ago, Sym } from '../../show/show.tsx'
import { hasText, rich, t } from '../../text/text.tsx'
import { isWaiting } from '../shared/comparisons.ts'

const LOOK = {
  waiting: { colour: 'text-warn', mark: '▲' },
  settled: { colour: 'text-ok', mark: '●' },
  corrected: { colour: 'text-ok', mark: '●' },
  noted: { colour: 'text-text-2', mark: '○' },
} as const

/** `escalated` alone does not say whether somebody has looked since. */
const standingOf = (found: DiscrepancyView): keyof typeof LOOK =>
  isWaiting(found) ? 'waiting' : found.action === 'escalated' ? 'settled' : found.action

const classOf = ({ classification }: DiscrepancyView): string => {
  const key = `discrepancy.class.${classification}`
  return hasText(key) ? t(key) : classification
}

interface DiscrepanciesProps {
  readonly found: readonly DiscrepancyView[]
  readonly titleOf: (venue: string) => string
}

/** Each difference with both sides, what was done about it, and why. */
export const Discrepancies = ({ found, titleOf }: DiscrepanciesProps): ReactNode => (
  <ol data-testid="discrepancies">
    {found.map(one => (
      <Discrepancy key={one.id} found={one} title={titleOf(one.venue)} />
    ))}
  </ol>
)

function Discrepancy({ found, title }: { found: DiscrepancyView; title: string }): ReactNode {
  const standing = standingOf(found)
  const { colour, mark } = LOOK[standing]
  return (
    <li
      className={`border-b border-line px-4 py-2.5 ${standing === 'waiting' ? 'border-s-4 border-s-warn' : 'border-s-4 border-s-transparent'}`}
      data-testid="discrepancy"
      data-standing={standing}
      data-class={found.classification}
    >
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className={`inline-flex items-center gap-1.5 font-semibold ${colour}`}>
          <span aria-hidden="true" className="w-[1em] text-center text-[0.8em]">
            {mark}
          </span>
          {t(`discrepancy.standing.${standing}`)}
        </span>
        <strong className="font-semibold">{classOf(found)}</strong>
        <span className="ms-auto text-text-2">
          <Sym>{title}</Sym> · <Ago at={found.foundAt} />
        </span>
      </div>
      <p className="mt-0.5 break-all text-cell text-text-2">
        {t(`discrepancy.kind.${found.kind}`)} <Sym mono>{found.subject}</Sym>
      </p>
      <dl className="mt-1.5 grid max-w-4xl grid-cols-2 gap-x-4 rounded-control bg-surface px-3 py-1.5">
        <Said by={t('discrepancy.ours')}>{found.ours}</Said>
        <Said by={t('discrepancy.theirs')}>{found.theirs}</Said>
      </dl>
      <p className="mt-1.5">
        <bdi dir="auto">{found.explanation}</bdi>
      </p>
      <Settled found={found} />
    </li>
  )
}

const Said = ({ by, children }: { by: string; children: ReactNode }): ReactNode => (
  <div className="min-w-0">
    <dt className="text-caption text-text-2">{by}</dt>
    <dd className="font-medium break-words">
      <bdi dir="auto">{children}</bdi>
    </dd>
  </div>
)

/** Who put an end to it, where it was not done by the very rule that found it. */
function Settled({ found }: { found: DiscrepancyView }): ReactNode {
  if (isWaiting(found)) return <p className="mt-0.5 text-text-2">{t('discrepancy.waiting')}</p>
  if (found.settledAt === null || found.settledBy === null) return null
  return (
    <p className="mt-0.5 text-text-2">
      {found.settledBy === 'rule'
        ? t('discrepancy.settled.rule')
        : rich('discrepancy.settled.by', {
            by: <bdi key="by">{found.settledBy}</bdi>,
            at: <Ago key="at" at={found.settledAt} />,
          })}
    </p>
  )
}
