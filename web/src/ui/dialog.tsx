import { type ReactNode, useEffect, useId, useRef } from 'react'
import { t, useLanguage } from '../text/text.tsx'
import { Icon } from './icon.tsx'

interface DialogProps {
  readonly title: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
  readonly side?: boolean
  /** CSS length. */
  readonly width?: string
  readonly alert?: boolean
  readonly testId?: string
}

/**
 * The browser's own modal dialog: it keeps the focus, closes on Escape and gives the focus back. Open while mounted.
 * The focus begins at what is marked `data-first`.
 */
export function Dialog({ title, onClose, children, side, width, alert, testId }: DialogProps): ReactNode {
  useLanguage()
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    const opener = document.activeElement as HTMLElement | null
    if (dialog && !dialog.open) {
      dialog.showModal()
      dialog.querySelector<HTMLElement>('[data-first]')?.focus()
    }
    return () => {
      dialog?.close()
      opener?.focus?.()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop does what Escape does
    <dialog
      ref={ref}
      role={alert ? 'alertdialog' : undefined}
      aria-labelledby={id}
      data-testid={testId}
      className={`sheet${side ? ' sheet-side' : ''}`}
      style={width === undefined ? undefined : ({ '--sheet': width } as React.CSSProperties)}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}
      onClick={event => {
        if (event.target === ref.current && !alert) onClose()
      }}
    >
      <div className="flex min-h-full flex-col">
        <div className="sticky top-0 z-10 flex items-center gap-3 border-b border-line bg-bg ps-4 pe-2 py-2">
          <h2 id={id} className="flex-1 text-section font-semibold">
            {title}
          </h2>
          <button type="button" className="btn btn-bare" onClick={onClose} aria-label={t('action.close')}>
            <Icon name="close" />
          </button>
        </div>
        <div className="flex-1 p-4">{children}</div>
      </div>
    </dialog>
  )
}
