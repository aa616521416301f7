import { type ReactNode, useRef, useState } from 'react'
import type { KillSwitchView } from '../contract.ts'
import { useKillSwitch } from '../feed/use-feed.ts'
import { call } from '../session/api.ts'
import type { Problem } from '../session/problem.ts'
import { may } from '../session/session.ts'
import { t, useLanguage } from '../text/text.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Forbidden, problemText } from '../ui/panel.tsx'

const REASON_MIN = 3

export default function LiftDialog({ onClose }: { onClose: () => void }): ReactNode {
  useLanguage()
  const { data } = useKillSwitch()
  const [reason, setReason] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const key = useRef(crypto.randomUUID())

  async function lift(): Promise<void> {
    setSending(true)
    setProblem(undefined)
    try {
      await call<KillSwitchView>('POST', '/v1/kill-switch/lift', { reason: reason.trim() }, key.current)
      onClose()
    } catch (error) {
      setProblem(error as Problem)
      setSending(false)
    }
  }
  if (!may('kill_switch:lift'))
    return (
      <Dialog title={t('kill.lift.title')} onClose={onClose}>
        <Forbidden permission="kill_switch:lift" />
      </Dialog>
    )
  const ready = reason.trim().length >= REASON_MIN && data?.active !== false
  return (
    <Dialog alert title={t('kill.lift.title')} onClose={onClose} testId="lift-dialog">
      <form onSubmit={event => event.preventDefault()} className="flex flex-col gap-4">
        <p className="text-form">{t('kill.lift.does')}</p>
        <p className="text-text-2">{t('kill.lift.people')}</p>
        <label className="flex flex-col gap-1">
          <span>{t('kill.lift.reason')}</span>
          <input
            className="field"
            value={reason}
            maxLength={500}
            required
            onChange={event => setReason(event.target.value)}
            data-testid="lift-reason"
          />
        </label>
        {problem && (
          <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm">
            {problemText(problem)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <button data-first type="button" className="btn" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button
            type="button"
            className="btn btn-primary"
            disabled={!ready || sending}
            onClick={() => void lift()}
            data-testid="lift-confirm"
          >
            {t('kill.lift.confirm')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
