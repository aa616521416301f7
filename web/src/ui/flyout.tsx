import { type ReactNode, useId, useRef, useState } from 'react'

interface FlyoutProps {
  /** Of the panel, and of the button unless that speaks for itself. */
  readonly label: string
  readonly speaks?: boolean
  readonly button: ReactNode
  readonly buttonClass?: string
  readonly testId?: string
  readonly children: (close: () => void) => ReactNode
}

const GAP_PX = 6
const EDGE_PX = 8

/** A panel that opens from a button: the browser's popover, so that Escape and a click outside close it. */
export function Flyout({
  label,
  speaks,
  button,
  buttonClass = 'btn btn-bare',
  testId,
  children,
}: FlyoutProps): ReactNode {
  const id = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)

  function place(): void {
    const box = trigger.current?.getBoundingClientRect()
    const element = panel.current
    if (!box || !element) return
    const width = element.offsetWidth
    const rtl = document.documentElement.dir === 'rtl'
    const wished = rtl ? box.left : box.right - width
    const x = Math.max(EDGE_PX, Math.min(wished, window.innerWidth - width - EDGE_PX))
    const below = box.bottom + GAP_PX
    const y =
      below + element.offsetHeight > window.innerHeight
        ? Math.max(EDGE_PX, box.top - element.offsetHeight - GAP_PX)
        : below
    element.style.translate = `${Math.round(x)}px ${Math.round(y)}px`
  }

  return (
    <>
      <button
        ref={trigger}
        type="button"
        className={buttonClass}
        popoverTarget={id}
        aria-expanded={open}
        aria-label={speaks ? undefined : label}
        aria-haspopup="dialog"
        data-testid={testId}
      >
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className="flyout fixed start-auto top-0 left-0"
        onToggle={event => {
          const shown = event.newState === 'open'
          setOpen(shown)
          if (shown) requestAnimationFrame(place)
        }}
      >
        {open && children(() => panel.current?.hidePopover())}
      </div>
    </>
  )
}
