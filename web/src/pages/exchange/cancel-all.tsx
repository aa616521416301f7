import { type ReactNode, useState } from 'react'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { Num, Sym } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { problemText } from '../../ui/panel.tsx'
import type { HouseInstrument } from './data.ts'

/** Says whose orders and how many before it cancels them. */
export function CancelAllDialog(props: { instrument: HouseInstrument; count: number; onClose: () => void }): ReactNode {
  useLanguage()
  const { instrument, count, onClose } = props
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  async function cancel(): Promise<void> {
    setSending(true)
    setProblem(undefined)
    try {
      const path = `/v1/exchange/orders?instrument=${encodeURIComponent(instrument.id)}`
      const { canceled } = await call<{ canceled: number }>('DELETE', path)
      announce(t('cancelAll.done', { count: canceled }))
      onClose()
    } catch (error) {
      setProblem(error as Problem)
      setSending(false)
    }
  }
  return (
    <Dialog
      title={t('house.cancelAll', { pair: instrument.pair })}
      onClose={onClose}
      width="440px"
      alert
      testId="cancel-all-dialog"
    >
      <p>
        {rich('cancelAll.does', { count, n: <Num value={count} />, pair: <Sym>{instrument.pair}</Sym> })}{' '}
        <span className="text-text-2">{t('cancelAll.doesNot')}</span>
      </p>
      {problem && (
        <p role="alert" className="mt-2 rounded-control bg-alarm-bg p-2 text-alarm">
          {problemText(problem)}
        </p>
      )}
      <div className="mt-4 flex justify-end gap-2">
        <button type="button" className="btn" data-first onClick={onClose}>
          {t('cancelAll.keep')}
        </button>
        <button
          type="button"
          className="btn btn-primary"
          disabled={sending}
          onClick={() => void cancel()}
          data-testid="cancel-all-confirm"
        >
          {t('cancelAll.confirm')}
        </button>
      </div>
    </Dialog>
  )
}
