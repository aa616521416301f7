import { type ReactNode, useState } from 'react'
import type { RunView } from '../../contract.ts'
import { useKillSwitch } from '../../feed/use-feed.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { may } from '../../session/session.ts'
import { t } from '../../text/text.tsx'
import { Icon } from '../../ui/icon.tsx'
import { problemText } from '../../ui/panel.tsx'

const COLOUR = { running: 'text-ok', stopping: 'text-warn', stopped: 'text-text-2', failed: 'text-danger' } as const

export const RunState = ({ state }: { state: RunView['state'] }): ReactNode => (
  <span className={`inline-flex items-center gap-1.5 font-medium ${COLOUR[state]}`} data-state={state}>
    <span
      aria-hidden="true"
      className={`size-2 border border-current ${state === 'failed' ? '' : 'rounded-full'} ${state === 'stopped' ? '' : 'bg-current'}`}
    />
    {t(`runState.${state}`)}
  </span>
)

/** Starts or stops a run; the state on the page changes when the server says so, not before. */
export function RunSwitch({ run }: { run: RunView }): ReactNode {
  const kill = useKillSwitch().data
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const running = run.state === 'running' || run.state === 'stopping'
  if (!may('runs:write')) return null
  const blocked = !running && kill?.active === true

  async function send(): Promise<void> {
    setSending(true)
    setProblem(undefined)
    try {
      await call<RunView>('POST', `/v1/runs/${encodeURIComponent(run.id)}/${running ? 'stop' : 'start'}`)
    } catch (error) {
      setProblem(error as Problem)
    } finally {
      setSending(false)
    }
  }
  return (
    <span className="inline-flex items-center gap-2">
      <button
        type="button"
        className="btn"
        disabled={sending || run.state === 'stopping' || blocked}
        title={blocked ? t('run.blockedByKill') : undefined}
        aria-label={t(running ? 'run.stop.label' : 'run.start.label', { name: run.name })}
        onClick={() => void send()}
        data-testid={running ? 'run-stop' : 'run-start'}
      >
        <Icon name={running ? 'square' : 'play'} size={14} />
        {t(running ? 'run.stop' : 'run.start')}
      </button>
      {problem && (
        <span role="alert" className="text-danger">
          {problemText(problem)}
        </span>
      )}
    </span>
  )
}
