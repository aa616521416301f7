import { type ReactNode, useEffect, useState } from 'react'

/** One polite voice for the whole page; it lives in the shell, so that a change of page does not cut it off. */
const EVERY_MS = 1_000
const QUEUE_MAX = 20
let say: (text: string) => void = () => undefined

export const announce = (text: string): void => say(text)

export function Announcer(): ReactNode {
  const [text, setText] = useState('')
  useEffect(() => {
    const queue: string[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const next = (): void => {
      timer = undefined
      const message = queue.splice(0).join('. ')
      if (!message) return
      setText(message)
      timer = setTimeout(next, EVERY_MS)
    }
    say = message => {
      if (queue.length < QUEUE_MAX) queue.push(message)
      timer ??= setTimeout(next, 50)
    }
    return () => {
      clearTimeout(timer)
      say = () => undefined
    }
  }, [])
  return (
    <div role="status" aria-live="polite" className="sr-only" data-testid="announcer">
      {text}
    </div>
  )
}
