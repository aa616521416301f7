/** Notices when the page cannot keep up: p95 of the frames after a flush over 20 ms for two seconds, and the way back. */
const WINDOW_MS = 2_000
const SAMPLES_MIN = 5
const SLOW_MS = 20
/** Looking asks for a frame of its own, so only some flushes are looked at. */
const LOOK_AT_EVERY = 4

export function watchFrames(onChange: (slow: boolean) => void): { flushed(): void } {
  let samples: number[] = []
  let since = 0
  let slow = false
  let flushes = 0
  return {
    flushed() {
      flushes++
      if (flushes % LOOK_AT_EVERY !== 0) return
      const start = performance.now()
      requestAnimationFrame(() => {
        const now = performance.now()
        samples.push(now - start)
        if (since === 0) since = now
        if (now - since < WINDOW_MS || samples.length < SAMPLES_MIN) return
        const p95 = samples.sort((a, b) => a - b)[Math.floor(samples.length * 0.95)] as number
        samples = []
        since = now
        if (p95 > SLOW_MS === slow) return
        slow = p95 > SLOW_MS
        onChange(slow)
      })
    },
  }
}
