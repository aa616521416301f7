import { type FormEvent, type ReactNode, useMemo, useState } from 'react'
import type { RunView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { useStrategies } from '../../session/queries.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { problemText, Skeleton } from '../../ui/panel.tsx'
import { type Faults, faultsOf, Parameters } from './parameters.tsx'
import { fieldOf, fieldsOf, readValues, writeValue } from './schema.ts'

export default function EditParameters({ run, onClose }: { run: RunView; onClose: () => void }): ReactNode {
  useLanguage()
  const strategies = useStrategies()
  const schema = strategies.data?.items.find(strategy => strategy.name === run.strategy)?.parameters
  const fields = useMemo(() => (schema ? fieldsOf(schema) : undefined), [schema])
  const [typed, setTyped] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(run.parameters).map(([name, value]) => [name, writeValue(value)])),
  )
  const [faults, setFaults] = useState<Faults>({})
  const [problem, setProblem] = useState<Problem>()
  const [sending, setSending] = useState(false)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (!fields) return
    const found = faultsOf(fields, typed)
    setFaults(found)
    setProblem(undefined)
    if (Object.values(found).some(Boolean)) return
    setSending(true)
    try {
      await call<RunView>('PATCH', `/v1/runs/${encodeURIComponent(run.id)}`, { parameters: readValues(fields, typed) })
      announce(t('run.parameters.saved'))
      onClose()
    } catch (error) {
      const refused = error as Problem
      setFaults(Object.fromEntries(refused.faults.map(fault => [fieldOf(fault.field), fault.rule])))
      setProblem(refused)
      setSending(false)
    }
  }

  return (
    <Dialog title={t('run.parameters.edit')} onClose={onClose} width="640px" testId="edit-parameters">
      {!fields ? (
        <Skeleton rows={4} />
      ) : (
        <form onSubmit={event => void submit(event)} noValidate className="flex flex-col gap-4">
          <p className="text-text-2">{t('run.parameters.nextStart')}</p>
          <Parameters
            fields={fields}
            typed={typed}
            faults={faults}
            onChange={(name, value) => setTyped(before => ({ ...before, [name]: value }))}
          />
          {problem && (
            <p role="alert" className="rounded-control bg-alarm-bg p-2 text-alarm">
              {problemText(problem)}
            </p>
          )}
          <div className="flex justify-end gap-2">
            <button type="button" className="btn" onClick={onClose}>
              {t('action.cancel')}
            </button>
            <button type="submit" className="btn btn-primary" disabled={sending} data-testid="parameters-save">
              {t('action.save')}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  )
}
