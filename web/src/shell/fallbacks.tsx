import { Link, useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t, useLanguage } from '../text/text.tsx'
import { Failure, Note } from '../ui/panel.tsx'

export function NotHere(): ReactNode {
  useLanguage()
  return (
    <Note>
      <h1 className="text-page font-semibold">{t('notFound.title')}</h1>
      <p className="text-text-2">{t('notFound.text')}</p>
      <Link to="/" className="btn mt-2">
        {t('notFound.back')}
      </Link>
    </Note>
  )
}

/** In the place of a page that broke or could not be fetched; the shell around it stays. */
export function Broken({ error, reset }: { error: unknown; reset: () => void }): ReactNode {
  const router = useRouter()
  const retry = (): void => {
    reset()
    void router.invalidate()
  }
  return <Failure error={error instanceof Error ? error : new Error(String(error))} onRetry={retry} />
}
