import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { KillSwitchView } from '../contract.ts'
import { useKillSwitch } from '../feed/use-feed.ts'
import { call } from '../session/api.ts'
import type { Problem } from '../session/problem.ts'
import { Num, Sym, Time } from '../show/show.tsx'
import { rich, t, useLanguage } from '../text/text.tsx'
import { announce } from '../ui/announcer.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { problemText } from '../ui/panel.tsx'
import { useHold } from './hold.ts'

/**
 * Stops all trading. It says what it does and what it does not, wants a typed word or a button held down, starts with
 * the focus on Cancel and never listens to Enter. It changes nothing about what is shown.
 */
export default function KillDialog({ onClose }: { onClose: () => void }): ReactNode {
  useLanguage()
  const { data } = useKillSwitch()
  const [answer, setAnswer] = useState<KillSwitchView>()
  const live = data?.active ? data : (answer ?? data)
  const pulled = live?.active === true
  return (
    <Dialog alert title={t(pulled ? 'kill.receipt.title' : 'kill.title')} onClose={onClose} testId="kill-dialog">
      {pulled && live ? (
        <Receipt view={live} onClose={onClose} />
      ) : (
        <Question view={data} onPulled={setAnswer} onClose={onClose} />
      )}
    </Dialog>
  )
}

const REASON_MIN = 3

/** A missing or short reason must not hold up a stop. */
const reasonOf = (typed: string): string => {
  const reason = typed.trim()
  return reason.length >= REASON_MIN ? reason : [reason, t('kill.reason.none')].filter(Boolean).join(' · ')
}

function Question(props: {
  view: KillSwitchView | undefined
  onPulled: (view: KillSwitchView) => void
  onClose: () => void
}): ReactNode {
  const [reason, setReason] = useState('')
  const [word, setWord] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const key = useRef(crypto.randomUUID())
  const typed = [t('kill.word'), 'STOP'].some(right => word.trim().toLocaleUpperCase() === right.toLocaleUpperCase())

  async function pull(): Promise<void> {
    if (sending) return
    setSending(true)
    setProblem(undefined)
    try {
      const view = await call<KillSwitchView>('POST', '/v1/kill-switch', { reason: reasonOf(reason) }, key.current)
      props.onPulled(view)
      announce(t('kill.announce.on'))
    } catch (error) {
      setProblem(error as Problem)
      setSending(false)
    }
  }
  const hold = useHold(() => void pull())
  const count = (value: number | undefined): { n: ReactNode; count: number } => ({
    n: <Num value={value ?? null} ch={1} />,
    count: value ?? 0,
  })

  return (
    <form onSubmit={event => event.preventDefault()} className="flex flex-col gap-4">
      <p className="text-form">{t('kill.scope')}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <div className="rounded-panel border border-line p-3">
          <h3 className="font-semibold">{t('kill.does')}</h3>
          <ul className="mt-1 list-disc ps-4">
            <li>{t('kill.does.block')}</li>
            <li data-testid="kill-would-cancel">{rich('kill.does.cancel', count(props.view?.wouldCancel))}</li>
          </ul>
        </div>
        <div className="rounded-panel border border-line p-3">
          <h3 className="font-semibold">{t('kill.doesNot')}</h3>
          <ul className="mt-1 list-disc ps-4">
            <li data-testid="kill-positions-open">
              {rich('kill.doesNot.positions', count(props.view?.positionsOpen))}
            </li>
            <li>{t('kill.doesNot.view')}</li>
          </ul>
        </div>
      </div>
      <label className="flex flex-col gap-1">
        <span>{t('kill.reason')}</span>
        <input
          className="field"
          value={reason}
          maxLength={500}
          onChange={event => setReason(event.target.value)}
          data-testid="kill-reason"
        />
      </label>
      <label className="flex flex-col gap-1">
        <span>{rich('kill.type', { word: <strong className="font-semibold">{t('kill.word')}</strong> })}</span>
        <input
          className="field"
          value={word}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          onChange={event => setWord(event.target.value)}
          data-testid="kill-word"
        />
      </label>
      {problem && (
        <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm">
          {problemText(problem)}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <button data-first type="button" className="btn" onClick={props.onClose} data-testid="kill-cancel">
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="btn btn-danger relative overflow-hidden"
          disabled={sending}
          data-testid="kill-confirm"
          {...(typed ? { onClick: () => void pull() } : {})}
          {...hold.handlers}
        >
          <span
            aria-hidden="true"
            className="absolute inset-0 origin-left bg-alarm-bg/40"
            style={{ transform: `scaleX(${hold.progress})` }}
          />
          <span className="relative">{t(sending ? 'kill.sending' : typed ? 'kill.confirm' : 'kill.hold')}</span>
        </button>
      </div>
      <p className="text-end text-text-2">{t('kill.hold.how')}</p>
    </form>
  )
}

const OUTCOME = {
  pending: 'text-warn',
  confirmed: 'text-ok',
  filled_meanwhile: 'text-text',
  unknown: 'text-danger',
} as const

function Receipt({ view, onClose }: { view: KillSwitchView; onClose: () => void }): ReactNode {
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => close.current?.focus(), [])
  return (
    <div className="flex flex-col gap-4">
      <p>
        {rich('kill.receipt.detail', {
          at: <Time at={view.since} precision="milliseconds" />,
          by: <bdi>{view.by ?? t('kill.someone')}</bdi>,
        })}
      </p>
      {view.receipt.length === 0 ? (
        <p className="text-text-2">{t('kill.receipt.empty')}</p>
      ) : (
        <div className="max-h-80 overflow-auto rounded-panel border border-line" data-testid="kill-receipt">
          <table className="grid-table">
            <caption className="sr-only">{t('kill.receipt.title')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('order.instrument')}</th>
                <th scope="col">{t('order.side')}</th>
                <th scope="col" data-end>
                  {t('order.remaining')}
                </th>
                <th scope="col">{t('kill.receipt.outcome')}</th>
              </tr>
            </thead>
            <tbody>
              {view.receipt.map(item => (
                <tr key={item.order} data-testid="kill-outcome" data-outcome={item.outcome}>
                  <td>
                    <Sym>{item.instrument.split(':')[1] ?? item.instrument}</Sym>
                  </td>
                  <td>{t(`side.${item.side}`)}</td>
                  <td data-end>
                    <Num value={item.remaining} />
                  </td>
                  <td className={`font-semibold ${OUTCOME[item.outcome]}`}>{t(`kill.outcome.${item.outcome}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="text-text-2">
        {rich('kill.doesNot.positions', { n: <Num value={view.positionsOpen} />, count: view.positionsOpen })}
      </p>
      <div className="flex justify-end">
        <button ref={close} data-first type="button" className="btn" onClick={onClose} data-testid="kill-done">
          {t('action.close')}
        </button>
      </div>
    </div>
  )
}
