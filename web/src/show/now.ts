import { useSyncExternalStore } from 'react'
import { localNowMs } from './clock.ts'

/** One clock for all ages and countdowns: ticks once a second, and not at all in a hidden tab. */
let now = localNowMs()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function tick(): void {
  now = localNowMs()
  for (const listener of listeners) listener()
}

function run(): void {
  const wanted = listeners.size > 0 && document.visibilityState === 'visible'
  if (wanted && timer === undefined) timer = setInterval(tick, 1_000)
  if (!wanted && timer !== undefined) {
    clearInterval(timer)
    timer = undefined
  }
}

document.addEventListener('visibilitychange', () => {
  run()
  if (document.visibilityState === 'visible') tick()
})

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  run()
  return () => {
    listeners.delete(listener)
    run()
  }
}

/** Milliseconds of this machine's clock; renders again each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now)
