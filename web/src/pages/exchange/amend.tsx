import { type FormEvent, type ReactNode, useState } from 'react'
import type { HouseOrderView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { compare, parseDecimal, signOf } from '../../show/decimal.ts'
import { fromTyped } from '../../show/number.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Labelled } from '../../ui/labelled.tsx'
import { faultsBy, problemText } from '../../ui/panel.tsx'
import { useInstrumentMap } from '../shared/instruments.ts'

/** Another price or another whole quantity; less at the same price keeps the place in the queue. */
export function AmendDialog({ order, onClose }: { order: HouseOrderView; onClose: () => void }): ReactNode {
  useLanguage()
  const instrument = useInstrumentMap().get(order.instrument)
  const [typed, setTyped] = useState({ price: order.price ?? '', quantity: order.quantity })
  const [problem, setProblem] = useState<Problem>()
  const [sending, setSending] = useState(false)
  const isAmount = (text: string): boolean => parseDecimal(fromTyped(text)) !== undefined && signOf(fromTyped(text)) > 0
  const differs = (field: 'price' | 'quantity'): boolean =>
    isAmount(typed[field]) && compare(fromTyped(typed[field]), order[field] ?? '0') !== 0
  const isComplete = isAmount(typed.quantity) && (order.price === null || isAmount(typed.price))

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setSending(true)
    setProblem(undefined)
    try {
      await call('PATCH', `/v1/exchange/orders/${order.id}`, {
        ...(order.price !== null && differs('price') ? { price: fromTyped(typed.price) } : {}),
        ...(differs('quantity') ? { quantity: fromTyped(typed.quantity) } : {}),
      })
      announce(t('amend.done'))
      onClose()
    } catch (error) {
      setProblem(error as Problem)
      setSending(false)
    }
  }
  const field = (name: 'price' | 'quantity', label: string, hint?: string): ReactNode => (
    <Labelled label={label} hint={hint} fault={problem && faultsBy(problem)[name]}>
      {labelled => (
        <input
          {...labelled}
          className="field num text-start!"
          dir="ltr"
          inputMode="decimal"
          autoComplete="off"
          data-first={name === 'price' || order.price === null ? '' : undefined}
          value={typed[name]}
          onChange={event => setTyped(before => ({ ...before, [name]: event.target.value }))}
          data-testid={`amend-${name}`}
        />
      )}
    </Labelled>
  )
  return (
    <Dialog title={t('amend.title')} onClose={onClose} width="420px" testId="amend-dialog">
      <form onSubmit={event => void submit(event)} noValidate className="flex flex-col gap-3">
        {order.price !== null && field('price', `${t('order.price')} (${instrument?.quote ?? ''})`)}
        {field('quantity', `${t('order.quantity')} (${instrument?.base ?? ''})`, t('amend.quantity.what'))}
        <p className="text-text-2">{t('amend.priority')}</p>
        {problem && (
          <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm">
            {problemText(problem)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <button type="button" className="btn" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button
            type="submit"
            className="btn btn-primary"
            disabled={sending || !isComplete || !(differs('price') || differs('quantity'))}
            data-testid="amend-send"
          >
            {t('amend.send')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
