import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'

export interface TabItem<K extends string> {
  readonly key: K
  readonly label: ReactNode
  readonly content: () => ReactNode
}

interface TabsProps<K extends string> {
  readonly label: string
  readonly items: readonly TabItem<K>[]
  readonly value: K
  readonly onChange: (key: K) => void
  readonly tools?: ReactNode
  readonly className?: string
}

/** Tabs after the WAI-ARIA pattern: arrows move and choose, one stop for the Tab key. */
export function Tabs<K extends string>({ label, items, value, onChange, tools, className }: TabsProps<K>): ReactNode {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const active = items.find(item => item.key === value) ?? items[0]
  if (!active) return null

  function onKeyDown(event: KeyboardEvent): void {
    const rtl = document.documentElement.dir === 'rtl'
    const step = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 }[event.key]
    const at = items.findIndex(item => item.key === active?.key)
    const to =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? items.length - 1
          : step && (at + step + items.length) % items.length
    const next = to === undefined ? undefined : items[to]
    if (!next) return
    event.preventDefault()
    onChange(next.key)
    list.current?.querySelector<HTMLElement>(`[data-key="${next.key}"]`)?.focus()
  }

  return (
    <section className={`panel ${className ?? ''}`} aria-label={label}>
      <div className="flex items-center border-b border-line pe-2">
        <div ref={list} role="tablist" aria-label={label} className="tabs min-w-0 flex-1 ps-1" onKeyDown={onKeyDown}>
          {items.map(item => (
            <button
              key={item.key}
              type="button"
              role="tab"
              id={`${id}-${item.key}`}
              data-key={item.key}
              aria-selected={item === active}
              aria-controls={`${id}-panel`}
              tabIndex={item === active ? 0 : -1}
              className="tab"
              onClick={() => onChange(item.key)}
            >
              {item.label}
            </button>
          ))}
        </div>
        {tools}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${active.key}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        {active.content()}
      </div>
    </section>
  )
}
