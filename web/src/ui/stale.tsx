import type { ReactNode } from 'react'
import { useFreshness } from '../feed/use-feed.ts'
import { Num } from '../show/show.tsx'
import { rich, t, useLanguage } from '../text/text.tsx'
import { Icon } from './icon.tsx'

/** The age of a datum, once it is worth saying. */
export function Age({ at }: { at: number | undefined | null }): ReactNode {
  useLanguage()
  const { freshness, ageMs } = useFreshness(at)
  if (freshness === 'live' || freshness === 'unknown') return null
  const seconds = Math.floor(ageMs / 1_000)
  return (
    <span
      className={`chip ${freshness === 'late' ? 'text-text-2' : 'bg-stale-bg text-stale'}`}
      title={freshness === 'lost' ? t('stale.lost') : t('stale.late')}
      data-testid="age"
      data-freshness={freshness}
    >
      <Icon name="clock" size={12} />
      {rich(freshness === 'lost' ? 'stale.lastKnown' : 'stale.age', { n: <Num value={seconds} ch={2} /> })}
    </span>
  )
}

/** Values that are too old are tinted, then struck through; they never fade below what can be read. */
export function Aging({
  at,
  children,
  className,
}: {
  at: number | undefined | null
  children: ReactNode
  className?: string
}): ReactNode {
  const { freshness } = useFreshness(at)
  const tint = freshness === 'stale' || freshness === 'lost' ? ' bg-stale-bg' : ''
  const struck = freshness === 'lost' ? ' line-through decoration-stale' : ''
  return (
    <div className={`${className ?? ''}${tint}${struck}`} data-freshness={freshness}>
      {children}
    </div>
  )
}
