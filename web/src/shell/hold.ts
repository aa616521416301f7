import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

const HOLD_MS = 1_500

/** A button that must be held down for 1.5 s, by pointer or with the space bar; Enter does nothing. */
export function useHold(onHeld: () => void) {
  const [progress, setProgress] = useState(0)
  const frame = useRef(0)
  const latest = useRef(onHeld)
  latest.current = onHeld

  function end(): void {
    cancelAnimationFrame(frame.current)
    frame.current = 0
    setProgress(0)
  }
  function begin(): void {
    if (frame.current !== 0) return
    const start = performance.now()
    const step = (now: number): void => {
      const part = Math.min(1, (now - start) / HOLD_MS)
      setProgress(part)
      if (part < 1) frame.current = requestAnimationFrame(step)
      else {
        end()
        latest.current()
      }
    }
    frame.current = requestAnimationFrame(step)
  }
  useEffect(() => () => cancelAnimationFrame(frame.current), [])

  return {
    progress,
    handlers: {
      onPointerDown: begin,
      onPointerUp: end,
      onPointerLeave: end,
      onPointerCancel: end,
      onBlur: end,
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        if (event.key === ' ' && !event.repeat) begin()
      },
      onKeyUp: (event: KeyboardEvent) => {
        if (event.key !== ' ') return
        event.preventDefault()
        end()
      },
    },
  }
}
