import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { InstrumentView, RunView, StrategyView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { useInstruments, useStrategies } from '../../session/queries.ts'
import { parseDecimal, signOf } from '../../show/decimal.ts'
import { fromTyped } from '../../show/number.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Labelled } from '../../ui/labelled.tsx'
import { Failure, problemText, Skeleton } from '../../ui/panel.tsx'
import { INTERVALS } from '../trade/candles.ts'
import { type Faults, faultsOf, Parameters } from './parameters.tsx'
import { fieldOf, fieldsOf, readValues } from './schema.ts'

const ALLOCATION = '10000'
const NAME_MAX = 60
const RUN_INTERVALS = ['5s', '15s', ...INTERVALS, '4h', '1d']

export default function NewRun({ onClose }: { onClose: () => void }): ReactNode {
  useLanguage()
  const strategies = useStrategies()
  const instruments = useInstruments()
  const failed = strategies.error ?? instruments.error
  return (
    <Dialog title={t('run.new')} onClose={onClose} width="680px" testId="new-run">
      {failed ? (
        <Failure error={failed} onRetry={() => void Promise.all([strategies.refetch(), instruments.refetch()])} />
      ) : strategies.data && instruments.data ? (
        <Form strategies={strategies.data.items} instruments={instruments.data.items} onClose={onClose} />
      ) : (
        <Skeleton rows={6} />
      )}
    </Dialog>
  )
}

function Form({
  strategies,
  instruments,
  onClose,
}: {
  strategies: readonly StrategyView[]
  instruments: readonly InstrumentView[]
  onClose: () => void
}): ReactNode {
  const navigate = useNavigate()
  const [strategy, setStrategy] = useState(strategies[0])
  const fields = useMemo(() => fieldsOf(strategy?.parameters ?? {}), [strategy])
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [form, setForm] = useState({
    name: '',
    instrument: instruments[0]?.id ?? '',
    interval: '1m',
    allocation: ALLOCATION,
  })
  const [faults, setFaults] = useState<Faults>({})
  const [problem, setProblem] = useState<Problem>()
  const [sending, setSending] = useState(false)
  /** One key for one wish: sending the same form twice makes one run. */
  const intent = useRef({ key: '', body: '' })
  const element = useRef<HTMLFormElement>(null)
  // When the lists were still on their way, the dialog was open before this form.
  useEffect(() => element.current?.querySelector<HTMLElement>('[data-first]')?.focus(), [])
  const values = useMemo(
    () => ({ ...Object.fromEntries(fields.map(field => [field.name, field.initial])), ...typed }),
    [fields, typed],
  )
  const set = (change: Partial<typeof form>): void => setForm(before => ({ ...before, ...change }))

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const allocation = fromTyped(form.allocation)
    const found: Record<string, string | undefined> = { ...faultsOf(fields, values) }
    if (!form.name.trim()) found.name = t('fault.required')
    if (!parseDecimal(allocation) || signOf(allocation) <= 0) found.allocation = t('fault.positive')
    setFaults(found)
    setProblem(undefined)
    if (Object.values(found).some(Boolean))
      return announce(t('form.faulty', { count: Object.values(found).filter(Boolean).length }))
    const body = {
      ...form,
      name: form.name.trim(),
      allocation,
      strategy: strategy?.name,
      parameters: readValues(fields, values),
    }
    const text = JSON.stringify(body)
    if (intent.current.body !== text) intent.current = { key: crypto.randomUUID(), body: text }
    setSending(true)
    try {
      const run = await call<RunView>('POST', '/v1/runs', body, intent.current.key)
      onClose()
      announce(t('run.started', { name: run.name }))
      void navigate({ to: '/runs/$id', params: { id: run.id } })
    } catch (error) {
      const refused = error as Problem
      setFaults(Object.fromEntries(refused.faults.map(fault => [fieldOf(fault.field), fault.rule])))
      setProblem(refused)
    } finally {
      setSending(false)
    }
  }

  return (
    <form ref={element} onSubmit={event => void submit(event)} noValidate className="flex flex-col gap-4">
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <Labelled label={t('run.name')} fault={faults.name}>
          {props => (
            <input
              {...props}
              data-first
              className="field"
              value={form.name}
              maxLength={NAME_MAX}
              required
              onChange={event => set({ name: event.target.value })}
              data-testid="run-name"
            />
          )}
        </Labelled>
        <Labelled
          label={t('run.strategy')}
          fault={faults.strategy}
          hint={<bdi dir="auto">{strategy?.description}</bdi>}
        >
          {props => (
            <select
              {...props}
              className="field"
              value={strategy?.name}
              data-testid="run-strategy"
              onChange={event => {
                setStrategy(strategies.find(one => one.name === event.target.value))
                setTyped({})
                setFaults({})
              }}
            >
              {strategies.map(one => (
                <option key={one.name} value={one.name}>
                  {one.title}
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled label={t('order.instrument')} fault={faults.instrument}>
          {props => (
            <select
              {...props}
              className="field"
              value={form.instrument}
              onChange={event => set({ instrument: event.target.value })}
              data-testid="run-instrument"
            >
              {instruments.map(item => (
                <option key={item.id} value={item.id}>
                  {item.pair} ({item.venue})
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled label={t('run.interval')} fault={faults.interval}>
          {props => (
            <select
              {...props}
              className="field"
              value={form.interval}
              onChange={event => set({ interval: event.target.value })}
              data-testid="run-interval"
            >
              {RUN_INTERVALS.map(one => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled
          label={t('run.allocation', { quote: instruments.find(item => item.id === form.instrument)?.quote ?? '' })}
          fault={faults.allocation}
          hint={t('run.allocation.hint')}
        >
          {props => (
            <input
              {...props}
              className="field num text-start!"
              dir="ltr"
              inputMode="decimal"
              autoComplete="off"
              value={form.allocation}
              onChange={event => set({ allocation: event.target.value })}
              data-testid="run-allocation"
            />
          )}
        </Labelled>
      </div>
      <h3 className="border-t border-line pt-3 text-form font-semibold">{t('run.parameters')}</h3>
      {fields.length === 0 ? (
        <p className="text-text-2">{t('run.parameters.none')}</p>
      ) : (
        <Parameters
          fields={fields}
          typed={values}
          faults={faults}
          onChange={(name, value) => setTyped(before => ({ ...before, [name]: value }))}
        />
      )}
      {problem && (
        <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm" data-testid="form-problem">
          {problemText(problem)}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <button type="button" className="btn" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="btn btn-primary" disabled={sending} data-testid="run-create">
          {t(sending ? 'run.starting' : 'run.start.paper')}
        </button>
      </div>
    </form>
  )
}
