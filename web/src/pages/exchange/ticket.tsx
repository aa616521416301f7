import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useFreshness } from '../../feed/use-feed.ts'
import type { Problem } from '../../session/problem.ts'
import { may } from '../../session/session.ts'
import { useShortcuts } from '../../shell/keyboard.ts'
import { serverNow } from '../../show/clock.ts'
import { compare, minus, parseDecimal, signOf, sum } from '../../show/decimal.ts'
import { fromTyped } from '../../show/number.ts'
import { Num } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Labelled } from '../../ui/labelled.tsx'
import { faultsBy, Panel, problemText, reasonText, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { type HouseInstrument, useBalances, useFees } from './data.ts'
import {
  changed,
  type Draft,
  EMPTY,
  type Fault,
  type Field,
  faultsOf,
  hasPrice,
  hasTrigger,
  livesOf,
  mayRest,
  phaseTakes,
  questionOf,
  TYPES,
} from './draft.ts'
import { affordable, estimate, type Question } from './estimate.ts'
import { EstimateList } from './estimate-list.tsx'
import type { HouseBook } from './house-book.ts'
import { Review } from './review.tsx'
import { Sentence } from './sentence.tsx'

const PARTS = ['0.25', '0.5', '0.75', '1'] as const
const NO_FEES = { makerRate: '0', takerRate: '0' }

interface TicketProps {
  readonly instrument: HouseInstrument
  readonly book: HouseBook | undefined
  readonly knownAt: number | undefined
  /** A price that was chosen in the ladder; each choice is an object of its own. */
  readonly chosen: { readonly price: string } | undefined
  readonly className?: string
}

/** What is written, and a name for it: the same draft is the same order, however often it is sent. */
interface Intent {
  readonly draft: Draft
  readonly clientId: string
}

export function Ticket(props: TicketProps): ReactNode {
  useLanguage()
  const { instrument, className } = props
  const fees = useFees()
  return (
    <Panel title={t('ticket.title')} className={className ?? ''} needs="orders:write" testId="ticket">
      {fees.isPending ? (
        <Skeleton rows={8} />
      ) : (
        <Form key={instrument.id} {...props} fees={fees.data ?? NO_FEES} feesKnown={fees.data !== undefined} />
      )}
    </Panel>
  )
}

function Form(props: TicketProps & { fees: Question['fees']; feesKnown: boolean }): ReactNode {
  const { instrument, book, knownAt, chosen, fees } = props
  const { base, quote, tick, lot } = instrument
  const [draft, setDraft] = useState<Draft>(EMPTY)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<Problem>()
  const [intent, setIntent] = useState<Intent>()
  const balances = useBalances()
  const { freshness } = useFreshness(knownAt)
  const form = useRef<HTMLFormElement>(null)
  const change = (next: Partial<Draft>): void => {
    setDraft(before => changed(before, next))
    setProblem(undefined)
    setIntent(undefined)
  }
  const refused = problem ? faultsBy(problem) : {}
  // biome-ignore lint/correctness/useExhaustiveDependencies: each choice counts once
  useEffect(() => {
    if (!chosen) return
    change(hasTrigger(draft) && !hasPrice(draft) ? { triggerPrice: chosen.price } : { price: chosen.price })
    if (draft.type === 'market') change({ type: 'limit', price: chosen.price })
  }, [chosen])
  const side = (next: Draft['side']) => () => {
    change({ side: next })
    form.current?.querySelector<HTMLElement>('[name="quantity"]')?.focus()
  }
  useShortcuts({ b: side('buy'), s: side('sell') })

  const question = questionOf(draft, { book, rules: instrument, fees })
  const faults = faultsOf(draft, instrument, book, serverNow())
  const spent = draft.side === 'buy' ? quote : base
  const available = balances?.find(({ asset }) => asset === spent)?.available ?? (balances ? '0' : undefined)
  const isStale = freshness === 'stale' || freshness === 'lost' || freshness === 'unknown'
  const found = estimate(question)
  const isShort =
    available !== undefined &&
    compare(available, (draft.side === 'sell' ? question.quantity : found.worstTotal) ?? '0') < 0
  const block = blockOf(draft, instrument, { isStale, isShort, faults, hasPrice: found.worstPrice !== null })

  const faultText = (field: Field): string | undefined => {
    const fault = touched.has(field) || draft[field] ? faults[field] : undefined
    if (fault) return textOf(fault)
    return field === 'quantity' && isShort && !block?.hidesFunds
      ? t('ticket.block.funds', { asset: spent })
      : refused[field]
  }
  const touch = (field: string): void => setTouched(before => new Set(before).add(field))

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (block) return
    setIntent({ draft, clientId: crypto.randomUUID() })
  }
  /** ↑ and ↓ go by one step, with Shift by ten. */
  const steps = (field: 'price' | 'triggerPrice' | 'quantity', step: string) => (event: KeyboardEvent) => {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (!sign || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const by = event.shiftKey ? Array.from({ length: 10 }, () => step) : [step]
    const now = parseDecimal(fromTyped(draft[field])) ? fromTyped(draft[field]) : '0'
    const next = sign > 0 ? sum([now, ...by]) : minus(now, sum(by))
    if (signOf(next) > 0) change({ [field]: next })
  }
  const amount = (
    field: 'price' | 'triggerPrice' | 'quantity' | 'displayQuantity',
    label: string,
    unit: string,
    step: string,
  ) => (
    <Labelled label={label} fault={faultText(field)}>
      {labelled => (
        <span className="relative flex">
          <input
            {...labelled}
            name={field}
            className="field num pe-14! text-start!"
            dir="ltr"
            inputMode="decimal"
            autoComplete="off"
            value={draft[field]}
            onChange={event => change({ [field]: event.target.value })}
            onBlur={() => draft[field] && touch(field)}
            onKeyDown={field === 'displayQuantity' ? undefined : steps(field, step)}
            data-testid={`ticket-${field}`}
          />
          <span dir="ltr" className="pointer-events-none absolute end-2 self-center text-text-2">
            {unit}
          </span>
        </span>
      )}
    </Labelled>
  )

  if (intent)
    return (
      <Review
        instrument={instrument}
        draft={intent.draft}
        clientId={intent.clientId}
        question={question}
        isStale={isStale}
        onBack={() => setIntent(undefined)}
        onRefused={answer => {
          setProblem(answer)
          setIntent(undefined)
        }}
        onTaken={() => {
          setIntent(undefined)
          setDraft(before => ({ ...before, quantity: '', displayQuantity: '' }))
          setTouched(new Set())
        }}
      />
    )
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto p-3">
        <Segment
          label={t('order.side')}
          options={[
            ['buy', t('side.buy')],
            ['sell', t('side.sell')],
          ]}
          value={draft.side}
          onChange={next => change({ side: next })}
          testId="ticket-side"
          fill
        />
        <div className="grid grid-cols-2 gap-2">
          <Labelled label={t('order.type')} fault={refused.type}>
            {labelled => (
              <select
                {...labelled}
                className="field"
                value={draft.type}
                onChange={event => change({ type: event.target.value as Draft['type'] })}
                data-testid="ticket-type"
              >
                {TYPES.map(type => (
                  <option key={type} value={type}>
                    {t(`orderType.${type}`)}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
          <Labelled label={t('ticket.life')} fault={refused.timeInForce}>
            {labelled => (
              <select
                {...labelled}
                className="field"
                value={draft.timeInForce}
                onChange={event => change({ timeInForce: event.target.value as Draft['timeInForce'] })}
                data-testid="ticket-timeInForce"
              >
                {livesOf(draft).map(life => (
                  <option key={life} value={life}>
                    {t(`life.${life}`)}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
        </div>
        {hasTrigger(draft) && amount('triggerPrice', t('ticket.trigger'), quote, tick)}
        {hasPrice(draft) && amount('price', t('order.price'), quote, tick)}
        {amount('quantity', t('order.quantity'), base, lot)}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <fieldset className="flex gap-1" aria-label={t('ticket.part')}>
            {PARTS.map(part => (
              <button
                key={part}
                type="button"
                className="btn px-1.5 text-cell"
                disabled={available === undefined}
                data-testid={`ticket-part-${Number(part) * 100}`}
                onClick={() => change({ quantity: affordable(part, available ?? '0', question) ?? '' })}
              >
                <Num value={part} percent decimals={0} />
              </button>
            ))}
          </fieldset>
          <span className="ms-auto text-cell text-text-2">
            {rich('ticket.available', {
              amount: <Num value={available} unit={spent} decimals={spent === quote ? 2 : undefined} />,
            })}
          </span>
        </div>
        {draft.timeInForce === 'gtd' && (
          <Labelled label={t('ticket.until')} fault={faultText('expireAt')}>
            {labelled => (
              <input
                {...labelled}
                type="datetime-local"
                className="field"
                dir="ltr"
                value={draft.expireAt}
                onChange={event => change({ expireAt: event.target.value })}
                data-testid="ticket-expireAt"
              />
            )}
          </Labelled>
        )}
        {mayRest(draft) && (
          <details open={draft.postOnly || draft.displayQuantity !== ''}>
            <summary className="min-h-6 text-text-2">{t('ticket.more')}</summary>
            <div className="flex flex-col gap-2 pt-1">
              <label className="flex min-h-(--target) items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4"
                  checked={draft.postOnly}
                  onChange={event => change({ postOnly: event.target.checked })}
                  aria-describedby="ticket-post-only"
                  data-testid="ticket-postOnly"
                />
                <span>{t('ticket.postOnly')}</span>
                <span id="ticket-post-only" className="text-cell text-text-2">
                  {(faultText('postOnly') && (
                    <strong className="font-medium text-danger" data-testid="field-fault">
                      {faultText('postOnly')}
                    </strong>
                  )) ||
                    t('ticket.postOnly.what')}
                </span>
              </label>
              {draft.type === 'limit' && amount('displayQuantity', t('ticket.display'), base, lot)}
            </div>
          </details>
        )}
      </div>
      <div className="flex shrink-0 flex-col gap-2 border-t border-line p-3">
        <EstimateList question={question} found={found} instrument={instrument} feesKnown={props.feesKnown} />
        {problem && <Refusal problem={problem} />}
        <button
          type="submit"
          className="btn btn-primary h-auto shrink-0 py-1.5 whitespace-normal!"
          disabled={block !== undefined}
          data-testid="ticket-review"
        >
          {block ? (
            block.text
          ) : (
            <Sentence
              draft={draft}
              question={question}
              total={found.total ?? found.worstTotal}
              instrument={instrument}
            />
          )}
        </button>
      </div>
    </form>
  )
}

const FIELDS: ReadonlySet<string> = new Set<Field | 'type' | 'timeInForce'>([
  'quantity',
  'price',
  'triggerPrice',
  'displayQuantity',
  'expireAt',
  'postOnly',
  'type',
  'timeInForce',
])
const elsewhere = ({ faults }: Problem) => faults.filter(({ field }) => !FIELDS.has(field))

/** What the exchange says to the order as a whole; what it says to a field stands there. */
const Refusal = ({ problem }: { problem: Problem }): ReactNode => (
  <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm" data-testid="ticket-problem">
    {problemText(problem)}{' '}
    {reasonText(problem) === undefined &&
      elsewhere(problem).map(({ field, rule }) => (
        <bdi key={field} dir="auto">
          {rule}
        </bdi>
      ))}
  </p>
)

const textOf = ({ key, values }: Fault): string => t(key, values)

/** Why the order cannot be sent, in the words of the button. */
function blockOf(
  draft: Draft,
  instrument: HouseInstrument,
  known: { isStale: boolean; isShort: boolean; hasPrice: boolean; faults: ReturnType<typeof faultsOf> },
): { text: string; hidesFunds: boolean } | undefined {
  const say = (text: string, hidesFunds = false) => ({ text, hidesFunds })
  if (!may('orders:write')) return say(t('ticket.block.permission'))
  if (instrument.phase === 'halted' || instrument.phase === 'closed')
    return say(t(`ticket.block.${instrument.phase}`), true)
  if (!phaseTakes(instrument.phase, draft)) return say(t('ticket.block.auction'), true)
  const { faults } = known
  if (faults.quantity?.key === 'fault.required') return say(t('ticket.block.quantity'), true)
  if (faults.price?.key === 'fault.required') return say(t('ticket.block.price'), true)
  if (faults.triggerPrice?.key === 'fault.required') return say(t('ticket.block.trigger'), true)
  const count = Object.keys(faults).length
  if (count > 0) return say(t('form.faulty', { count }), true)
  if (known.isStale && draft.type === 'market') return say(t('ticket.block.stale'))
  if (draft.type === 'market' && !known.hasPrice) return say(t('ticket.block.empty'))
  return known.isShort
    ? say(t('ticket.block.short', { asset: draft.side === 'buy' ? instrument.quote : instrument.base }))
    : undefined
}
