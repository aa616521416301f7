import type { ReactNode } from 'react'
import type { VenueCallsView, VenueStreamView, VenueView } from '../../contract.ts'
import { Num } from '../../show/show.tsx'
import { hasText, t } from '../../text/text.tsx'
import { gradeOf, type Trouble } from './troubles.ts'

/** A mark, a colour and a word for each state: any one of them alone is enough to read it by. */
const GRADE = {
  good: { colour: 'text-ok', mark: '●' },
  weak: { colour: 'text-warn', mark: '▲' },
  bad: { colour: 'text-danger', mark: '■' },
} as const

const STREAM = {
  ready: 'good',
  connecting: 'weak',
  waiting: 'bad',
  closed: 'bad',
} as const satisfies Record<VenueStreamView['state'], keyof typeof GRADE>

const BREAKER = {
  closed: 'good',
  half_open: 'weak',
  open: 'bad',
} as const satisfies Record<VenueCallsView['breaker'], keyof typeof GRADE>

const MODE = {
  simulated: 'bg-paper-bg text-paper',
  testnet: 'bg-stale-bg text-stale',
  live: 'bg-alarm-bg text-alarm',
} as const

interface MarkedProps {
  readonly grade: keyof typeof GRADE
  readonly children: ReactNode
  readonly testId?: string
  readonly state?: string
}

const Marked = ({ grade, children, testId, state }: MarkedProps): ReactNode => (
  <span
    className={`inline-flex items-center gap-1.5 font-medium ${GRADE[grade].colour}`}
    data-testid={testId}
    data-state={state}
  >
    <span aria-hidden="true" className="w-[1em] text-center text-[0.8em]">
      {GRADE[grade].mark}
    </span>
    {children}
  </span>
)

export const Mode = ({ mode }: { mode: VenueView['mode'] }): ReactNode => (
  <span className={`chip ${MODE[mode]}`} title={t(`venue.mode.${mode}.what`)} data-testid="venue-mode" data-mode={mode}>
    {t(`venue.mode.${mode}`)}
  </span>
)

/** 0 to 100, and how that is called. */
export const Score = ({ score }: { score: number | undefined }): ReactNode =>
  score === undefined ? (
    <span className="text-text-2">{t('venue.unknown')}</span>
  ) : (
    <Marked grade={gradeOf(score)} testId="venue-score" state={gradeOf(score)}>
      <Num value={Math.round(score)} ch={3} />
      {t(`venue.grade.${gradeOf(score)}`)}
    </Marked>
  )

export const StreamState = ({ stream }: { stream: VenueStreamView | undefined }): ReactNode =>
  stream === undefined ? (
    <span className="text-text-2">{t('venue.unknown')}</span>
  ) : (
    <Marked grade={STREAM[stream.state]} testId={`stream-${stream.name}`} state={stream.state}>
      {t(`venue.stream.state.${stream.state}`)}
    </Marked>
  )

export const Breaker = ({ breaker }: { breaker: VenueCallsView['breaker'] }): ReactNode => (
  <Marked grade={BREAKER[breaker]} testId="breaker" state={breaker}>
    {t(`venue.breaker.${breaker}`)}
  </Marked>
)

/** The words for a name of the server's, or the name itself where there are none. */
export const wordOf = (key: string, name: string): string => (hasText(key) ? t(key) : name)

/** One trouble in a few words. */
export function troubleText({ what, name, detail, count }: Trouble): string {
  switch (what) {
    case 'held':
      return t('venue.trouble.held', { why: wordOf(`venue.hold.${name}`, name) })
    case 'breaker':
      return t('venue.trouble.breaker', {
        kind: wordOf(`venue.call.${name}`, name),
        state: wordOf(`venue.breaker.${detail ?? ''}`, detail ?? ''),
      })
    case 'stream':
      return detail === null
        ? t('venue.trouble.stream', { name: wordOf(`venue.stream.${name}`, name) })
        : t('venue.trouble.stream.why', { name: wordOf(`venue.stream.${name}`, name), why: detail })
    case 'books':
      return t('venue.trouble.books', { count, why: wordOf(`venue.staleness.${detail ?? ''}`, detail ?? '') })
    case 'rate':
      return t('venue.trouble.rate', { bucket: name })
    case 'part':
      return detail === null
        ? t('venue.trouble.part', { part: wordOf(`venue.part.${name}`, name) })
        : t('venue.trouble.part.why', { part: wordOf(`venue.part.${name}`, name), why: detail })
  }
}
