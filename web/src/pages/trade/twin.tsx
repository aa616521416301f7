import type { ReactNode } from 'react'
import { t } from '../../text/text.tsx'
import { Icon } from '../../ui/icon.tsx'

/** Shows a picture's numbers as a table instead, and back. */
export const TwinButton = ({ on, onToggle, what }: { on: boolean; onToggle: () => void; what: string }): ReactNode => (
  <button
    type="button"
    className={`btn btn-bare px-1.5 ${on ? 'bg-surface2' : 'text-text-2'}`}
    aria-pressed={on}
    aria-label={t('twin.label', { what })}
    title={t('twin.label', { what })}
    onClick={onToggle}
  >
    <Icon name="table" />
  </button>
)
