import { type ReactNode, useCallback, useEffect, useState } from 'react'
import type { VerificationView } from '../../contract.ts'
import { call } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'
import { Num, Sym } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { announce } from '../../ui/announcer.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure, Skeleton } from '../../ui/panel.tsx'

const CHECKED = ['journals', 'entries', 'accounts', 'holds', 'seals', 'unsealed'] as const

/** Has the books worked out again, and says what was looked at and what was found. */
export function VerifyDialog({ onClose }: { onClose: () => void }): ReactNode {
  useLanguage()
  const [result, setResult] = useState<VerificationView>()
  const [problem, setProblem] = useState<Problem>()
  const run = useCallback(() => {
    setProblem(undefined)
    setResult(undefined)
    call<VerificationView>('POST', '/v1/ledger/verify').then(found => {
      setResult(found)
      announce(t(found.isSound ? 'verify.sound' : 'verify.faulty', { count: found.faults.length }))
    }, setProblem)
  }, [])
  useEffect(run, [run])
  return (
    <Dialog title={t('verify.title')} onClose={onClose} width="560px" testId="verify-dialog">
      <p className="mb-3 text-text-2">{t('verify.what')}</p>
      {problem ? (
        <Failure error={problem} onRetry={run} />
      ) : !result ? (
        <Skeleton rows={6} />
      ) : (
        <>
          <p
            className={`text-form font-semibold ${result.isSound ? 'text-ok' : 'text-danger'}`}
            data-testid="verify-result"
            data-sound={result.isSound}
          >
            {result.isSound ? '✓ ' : '✗ '}
            {t(result.isSound ? 'verify.sound' : 'verify.faulty', { count: result.faults.length })}
          </p>
          <dl className="mt-3 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1" data-testid="verify-counts">
            {CHECKED.map(name => (
              <div key={name} className="col-span-full grid grid-cols-subgrid">
                <dt className="text-text-2">{t(`verify.${name}`)}</dt>
                <dd className="text-end font-medium">
                  <Num value={result[name]} />
                </dd>
              </div>
            ))}
          </dl>
          {result.faults.length > 0 && (
            <ul className="mt-4 divide-y divide-line border-y border-line">
              {result.faults.map(fault => (
                <li key={`${fault.kind} ${fault.id} ${fault.rule}`} className="py-1.5">
                  <strong className="font-semibold text-danger">{t(`verify.fault.${fault.kind}`)}</strong>{' '}
                  <Sym mono>{fault.id}</Sym> <bdi dir="auto">{fault.rule}</bdi>
                </li>
              ))}
            </ul>
          )}
          <div className="mt-4 flex justify-end">
            <button type="button" className="btn" data-first onClick={run}>
              {t('verify.again')}
            </button>
          </div>
        </>
      )}
    </Dialog>
  )
}
