import { useEffect, useRef } from 'react'
import { settings } from '../settings/settings.ts'

/** Single keys act only where nobody is typing, and can be turned off (WCAG 2.1.4). `g` waits for a second key. */
const SECOND_KEY_MS = 1_200
type Handler = () => void

const handlers = new Map<string, Handler[]>()
let prefixAt = Number.NEGATIVE_INFINITY

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** The letter on the key whatever the layout: a Persian keyboard has the same shortcuts. */
function nameOf(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase()
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  const bracket = { BracketLeft: '[', BracketRight: ']' }[event.code]
  const ascii = /^[\x21-\x7e]$/.test(event.key) ? event.key.toLowerCase() : undefined
  const base = ascii ?? letter ?? digit ?? bracket ?? event.key
  const held = [(event.ctrlKey || event.metaKey) && 'ctrl', event.shiftKey && /^[a-z]$/.test(base) && 'shift'].filter(
    Boolean,
  )
  return [...held, base].join('+')
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return
  const name = nameOf(event)
  const single = !name.startsWith('ctrl+')
  if (single && (!settings().keys || typing(event.target) || document.querySelector('dialog[open]'))) return
  const prefixed = event.timeStamp - prefixAt < SECOND_KEY_MS
  prefixAt = Number.NEGATIVE_INFINITY
  if (name === 'g') {
    prefixAt = event.timeStamp
    return
  }
  const handler = handlers.get(prefixed ? `g ${name}` : name)?.at(-1)
  if (!handler) return
  event.preventDefault()
  handler()
}

document.addEventListener('keydown', onKeyDown)

/** Names as `ctrl+k`, `shift+d`, `g t`, `[`, `?`. The newest component that asks for a key has it. */
export function useShortcuts(keys: Readonly<Record<string, Handler>>): void {
  const latest = useRef(keys)
  latest.current = keys
  const names = Object.keys(keys).join(' \n')
  useEffect(() => {
    const added = names.split(' \n').map(name => {
      const handler = (): void => latest.current[name]?.()
      handlers.set(name, [...(handlers.get(name) ?? []), handler])
      return { name, handler }
    })
    return () => {
      for (const { name, handler } of added)
        handlers.set(
          name,
          (handlers.get(name) ?? []).filter(other => other !== handler),
        )
    }
  }, [names])
}
