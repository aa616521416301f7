import { useSyncExternalStore } from 'react'

/** Which of the shell's dialogs is open: one at a time. */
export type Overlay = 'kill' | 'lift' | 'palette' | 'help'

let open: Overlay | undefined
const listeners = new Set<() => void>()

export function showOverlay(next: Overlay | undefined): void {
  open = next
  for (const listener of listeners) listener()
}

export const useOverlay = (): Overlay | undefined =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => open,
  )
