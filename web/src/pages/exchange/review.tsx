import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Problem } from '../../session/problem.ts'
import { Num } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { SideWord } from '../shared/order-state.tsx'
import { type HouseInstrument, useFees } from './data.ts'
import { type Draft, hasPrice, hasTrigger, isFar, orderOf } from './draft.ts'
import { estimate, type Question } from './estimate.ts'
import { EstimateList } from './estimate-list.tsx'
import { place } from './place.ts'
import { Sentence } from './sentence.tsx'

/** A second click of a double click, meant for what stood here before. */
const DEAF_MS = 350

interface ReviewProps {
  readonly instrument: HouseInstrument
  readonly draft: Draft
  readonly clientId: string
  readonly question: Question
  readonly isStale: boolean
  readonly onBack: () => void
  readonly onRefused: (problem: Problem) => void
  readonly onTaken: () => void
}

/** The order once more as a whole; only from here is it sent, and only once. */
export function Review(props: ReviewProps): ReactNode {
  useLanguage()
  const { instrument, draft, clientId, question, isStale } = props
  const [phase, setPhase] = useState<'asking' | 'sending' | 'checking' | 'missing'>('asking')
  const [accepted, setAccepted] = useState(false)
  const underway = useRef(false)
  const openedAt = useRef(performance.now())
  const isDeaf = (): boolean => performance.now() - openedAt.current < DEAF_MS
  const confirm = useRef<HTMLButtonElement>(null)
  useEffect(() => confirm.current?.focus(), [])
  const fees = useFees()
  const found = estimate(question)
  const warnings = [...(isFar(question) ? [t('review.far')] : []), ...(isStale ? [t('review.stale')] : [])]
  const isBusy = phase === 'sending' || phase === 'checking'

  async function send(): Promise<void> {
    if (underway.current || isDeaf()) return
    underway.current = true
    setPhase('sending')
    const outcome = await place({ ...orderOf(draft, instrument.id, clientId), clientId }, () => setPhase('checking'))
    underway.current = false
    if (outcome.kind === 'missing') return setPhase('missing')
    if (outcome.kind === 'refused') return props.onRefused(outcome.problem)
    announce(t('review.taken', { state: t(`houseState.${outcome.order.state}`) }))
    props.onTaken()
  }

  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('order.side'), <SideWord key="s" side={draft.side} />],
    [t('order.type'), `${t(`orderType.${draft.type}`)} · ${t(`life.${draft.timeInForce}`)}`],
    ...(hasTrigger(draft)
      ? [
          [
            t('ticket.trigger'),
            <Num key="t" value={question.trigger} step={instrument.tick} unit={instrument.quote} />,
          ] as const,
        ]
      : []),
    ...(hasPrice(draft)
      ? [
          [
            t('order.price'),
            <Num key="p" value={question.price} step={instrument.tick} unit={instrument.quote} />,
          ] as const,
        ]
      : []),
    [t('order.quantity'), <Num key="q" value={question.quantity} step={instrument.lot} unit={instrument.base} />],
    ...(draft.postOnly ? [[t('ticket.postOnly'), t('settings.on')] as const] : []),
  ]
  return (
    <form
      noValidate
      aria-label={t('review.title')}
      className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3"
      data-testid="review"
      onSubmit={event => event.preventDefault()}
      onKeyDown={event => {
        if (event.key === 'Escape' && !isBusy) props.onBack()
      }}
    >
      <h3 className="text-form font-semibold">{t('review.title')}</h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="col-span-full grid grid-cols-subgrid">
            <dt className="text-text-2">{name}</dt>
            <dd className="text-end">{value}</dd>
          </div>
        ))}
      </dl>
      <EstimateList question={question} found={found} instrument={instrument} feesKnown={fees.data !== undefined} />
      {warnings.length > 0 && (
        <label className="flex items-start gap-2 rounded-control bg-stale-bg p-2 text-stale">
          <input
            type="checkbox"
            className="mt-0.5 size-4 shrink-0"
            checked={accepted}
            onChange={event => setAccepted(event.target.checked)}
            data-testid="review-accept"
          />
          <span>{warnings.join(' ')}</span>
        </label>
      )}
      <p role="status" className="text-text-2 empty:hidden" data-testid="review-status">
        {phase === 'checking' && t('review.checking')}
        {phase === 'missing' && t('review.missing')}
      </p>
      <div className="mt-auto flex flex-col gap-2">
        <button
          ref={confirm}
          type="button"
          className={`btn h-auto py-1.5 whitespace-normal! ${draft.side === 'buy' ? 'btn-buy' : 'btn-sell'}`}
          disabled={isBusy || (warnings.length > 0 && !accepted)}
          onClick={() => void send()}
          data-testid="review-confirm"
        >
          {isBusy ? (
            t('review.sending')
          ) : (
            <Sentence
              draft={draft}
              question={question}
              total={found.total ?? found.worstTotal}
              instrument={instrument}
            />
          )}
        </button>
        <button
          type="button"
          className="btn"
          disabled={isBusy}
          onClick={() => !isDeaf() && props.onBack()}
          data-testid="review-back"
        >
          {t('review.back')}
        </button>
      </div>
    </form>
  )
}
