import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import type { TransferView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { compare, parseDecimal, signOf } from '../../show/decimal.ts'
import { fromTyped } from '../../show/number.ts'
import { Ago, Num } from '../../show/show.tsx'
import { hasText, rich, t, useLanguage } from '../../text/text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Labelled } from '../../ui/labelled.tsx'
import { problemText } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { readAgain, TRANSFERS, useTransfers, WALLET } from './data.ts'

interface Money {
  readonly asset: string
  readonly available: string
  readonly wallet: string | undefined
}

/** Moves money between the wallet and the exchange, and follows it until it has arrived. */
export function TransferDialog(props: {
  balances: readonly Money[]
  /** To begin with. */
  asset: string
  onClose: () => void
}): ReactNode {
  const { balances, onClose } = props
  useLanguage()
  const [direction, setDirection] = useState<'in' | 'out'>('in')
  const [asset, setAsset] = useState(balances.find(one => one.asset === props.asset)?.asset ?? balances[0]?.asset ?? '')
  const [amount, setAmount] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [sending, setSending] = useState(false)
  /** One key for one wish: sending the same form twice moves the money once. */
  const intent = useRef({ key: '', body: '' })
  const money = balances.find(one => one.asset === asset)
  const there = (direction === 'in' ? money?.wallet : money?.available) ?? '0'
  const plain = fromTyped(amount)
  const isAmount = parseDecimal(plain) !== undefined && signOf(plain) > 0
  const tooMuch = isAmount && compare(plain, there) > 0
  const fault =
    problem?.faults.find(({ field }) => field === 'amount')?.rule ?? (tooMuch ? t('transfer.tooMuch') : undefined)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const body = { direction, asset, amount: plain }
    const text = JSON.stringify(body)
    if (intent.current.body !== text) intent.current = { key: crypto.randomUUID(), body: text }
    setSending(true)
    setProblem(undefined)
    try {
      await call<TransferView>('POST', '/v1/exchange/transfers', body, intent.current.key)
      intent.current = { key: '', body: '' }
      setAmount('')
      readAgain(TRANSFERS)
      readAgain(WALLET)
    } catch (error) {
      setProblem(error as Problem)
    } finally {
      setSending(false)
    }
  }
  return (
    <Dialog title={t('transfer.title')} onClose={onClose} width="480px" testId="transfer-dialog">
      <form onSubmit={event => void submit(event)} noValidate className="flex flex-col gap-3">
        <Segment
          label={t('transfer.direction')}
          options={[
            ['in', t('transfer.in')],
            ['out', t('transfer.out')],
          ]}
          value={direction}
          onChange={setDirection}
          testId="transfer"
          fill
        />
        <div className="grid grid-cols-[8rem_1fr] gap-3">
          <Labelled label={t('balance.asset')} fault={problem?.faults.find(({ field }) => field === 'asset')?.rule}>
            {labelled => (
              <select
                {...labelled}
                className="field"
                value={asset}
                onChange={event => setAsset(event.target.value)}
                data-testid="transfer-asset"
              >
                {balances.map(one => (
                  <option key={one.asset} value={one.asset}>
                    {one.asset}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
          <Labelled
            label={t('transfer.amount')}
            fault={fault}
            hint={
              <button type="button" className="min-h-6 underline" onClick={() => setAmount(there)}>
                {rich('transfer.all', { amount: <Num value={there} unit={asset} /> })}
              </button>
            }
          >
            {labelled => (
              <input
                {...labelled}
                data-first
                className="field num text-start!"
                dir="ltr"
                inputMode="decimal"
                autoComplete="off"
                value={amount}
                onChange={event => {
                  setAmount(event.target.value)
                  setProblem(undefined)
                }}
                data-testid="transfer-amount"
              />
            )}
          </Labelled>
        </div>
        {problem && (
          <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm" data-testid="transfer-problem">
            {problemText(problem)}
          </p>
        )}
        <button
          type="submit"
          className="btn btn-primary"
          disabled={sending || !isAmount || tooMuch}
          data-testid="transfer-send"
        >
          {t(sending ? 'transfer.sending' : direction === 'in' ? 'transfer.do.in' : 'transfer.do.out')}
        </button>
      </form>
      <Recent />
    </Dialog>
  )
}

const reasonText = (reason: string): string => {
  const key = `transferReason.${reason}`
  return hasText(key) ? t(key) : reason
}

/** The last transfers, each as far as it has come. */
function Recent(): ReactNode {
  const { data } = useTransfers()
  if (!data || data.items.length === 0) return null
  return (
    <>
      <h3 className="mt-5 mb-1 font-semibold">{t('transfer.recent')}</h3>
      <ul aria-live="polite" className="divide-y divide-line border-y border-line">
        {data.items.slice(0, 6).map(item => (
          <li
            key={item.id}
            className="flex flex-wrap items-center gap-x-3 py-1.5"
            data-testid="transfer"
            data-state={item.state}
          >
            <span className="w-24">{t(item.direction === 'in' ? 'transfer.in.short' : 'transfer.out.short')}</span>
            <Num value={item.amount} unit={item.asset} />
            <span
              className={`ms-auto inline-flex items-center gap-1 ${item.state === 'completed' ? 'text-ok' : item.state === 'failed' ? 'text-danger' : 'text-warn'}`}
            >
              {item.state === 'requested' && <Icon name="clock" size={12} />}
              {t(`transferState.${item.state}`)}
              {item.reason && <bdi dir="auto">({reasonText(item.reason)})</bdi>}
            </span>
            <span className="text-text-2">
              <Ago at={item.finishedAt ?? item.requestedAt} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
