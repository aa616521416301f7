import { Component, type ReactNode, useId } from 'react'
import { Problem } from '../session/problem.ts'
import { may } from '../session/session.ts'
import { useSession } from '../session/use-session.ts'
import { Sym } from '../show/show.tsx'
import { hasText, rich, t, useLanguage } from '../text/text.tsx'

interface PanelProps {
  readonly title: ReactNode
  readonly tools?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  readonly needs?: string
  readonly testId?: string
}

/** A part of a page with its own heading, and its own failures: one that breaks leaves the others alone. */
export function Panel({ title, tools, children, className, needs, testId }: PanelProps): ReactNode {
  const id = useId()
  return (
    <section className={`panel ${className ?? ''}`} aria-labelledby={id} data-testid={testId}>
      <div className="flex min-h-9 flex-wrap items-center gap-x-2 border-b border-line ps-3 pe-2">
        <h2 id={id} className="flex-1 py-1 text-body font-semibold whitespace-nowrap">
          {title}
        </h2>
        {tools}
      </div>
      <Guard needs={needs}>{children}</Guard>
    </section>
  )
}

/** Shows the children to those who may see them, and catches what breaks in them. */
export function Guard({ needs, children }: { needs?: string | undefined; children: ReactNode }): ReactNode {
  useSession()
  if (needs !== undefined && !may(needs)) return <Forbidden permission={needs} />
  return <Catch>{children}</Catch>
}

class Catch extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined }
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }
  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    return <Failure error={error} onRetry={() => this.setState({ error: undefined })} />
  }
}

export function Forbidden({ permission }: { permission: string }): ReactNode {
  useLanguage()
  return (
    <Note>
      <p>{rich('state.forbidden', { permission: <Sym mono>{permission}</Sym> })}</p>
    </Note>
  )
}

/** Why the exchange refuses, in the reader's language, where the page knows the reason. */
export function reasonText({ code, reason }: Problem): string | undefined {
  const key = `refusal.${reason}`
  return (code === 'exchange.refused' || code === 'order.unknown') && hasText(key) ? t(key) : undefined
}

/** What is wrong with each field: the reason of the refusal, or the rule in the words of the server. */
export const faultsBy = (problem: Problem): Readonly<Record<string, string>> =>
  Object.fromEntries(problem.faults.map(({ field, rule }) => [field, reasonText(problem) ?? rule]))

export const problemText = (error: Error): string => {
  if (!(error instanceof Problem)) return t('error.unexpected')
  const reason = reasonText(error)
  if (reason) return reason
  const key = `error.${error.code}`
  return hasText(key) ? t(key) : error.message
}

/** What went wrong, a way to try again, and what to quote when asking for help. */
export function Failure({ error, onRetry }: { error: Error; onRetry?: (() => void) | undefined }): ReactNode {
  useLanguage()
  const correlation = error instanceof Problem ? error.correlation : undefined
  return (
    <Note>
      <p role="alert">{problemText(error)}</p>
      {error instanceof Problem && error.code !== 'network' && problemText(error) !== error.message && (
        <p className="text-text-2">
          <bdi dir="auto">{error.message}</bdi>
        </p>
      )}
      {correlation && <p className="text-text-2">{rich('error.correlation', { id: <Sym mono>{correlation}</Sym> })}</p>}
      {onRetry && (
        <button type="button" className="btn mt-2" onClick={onRetry}>
          {t('action.retry')}
        </button>
      )}
    </Note>
  )
}

/** Some of it is there and the rest could not be read: what is there stays. */
export function Lacking({ error, onRetry }: { error: Error; onRetry: () => void }): ReactNode {
  useLanguage()
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 bg-stale-bg px-3 py-1 text-cell text-stale">
      <span className="flex-1">{t('state.lacking', { why: problemText(error) })}</span>
      <button type="button" className="btn text-text" onClick={onRetry}>
        {t('action.retry')}
      </button>
    </div>
  )
}

/** Nothing to show: one sentence and, where there is one, the next step. */
export const Note = ({ children }: { children: ReactNode }): ReactNode => (
  <div className="flex flex-1 flex-col items-center justify-center gap-1 p-6 text-center">{children}</div>
)

/** Lines where the rows will be, so that nothing moves when they come. */
export function Skeleton({ rows = 6 }: { rows?: number }): ReactNode {
  useLanguage()
  return (
    <div className="flex-1 overflow-hidden" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines without identity
        <div key={index} className="flex items-center border-b border-line px-3" style={{ blockSize: 'var(--row)' }}>
          <div className="skeleton h-3" style={{ inlineSize: `${40 + ((index * 37) % 50)}%` }} />
        </div>
      ))}
    </div>
  )
}

export const PageHead = ({ title, children }: { title: ReactNode; children?: ReactNode }): ReactNode => (
  <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-3">
    <h1 className="flex-1 text-page font-semibold" tabIndex={-1}>
      {title}
    </h1>
    {children}
  </div>
)
