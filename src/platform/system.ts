import { randomBytes } from 'node:crypto'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { uuidv7 } from 'uuidv7'
import type { Clock, IdSource, Micros, Random, Timer, Timers } from '../kernel/index.ts'
import { MICROS_PER_MS, seededRandom } from '../kernel/index.ts'

/** Beyond this the wall clock was stepped, and the monotonic reading is anchored to it anew. */
const DRIFT_MAX_MS = 20

/**
 * The wall clock in integer microseconds, never going backwards within the process.
 * Microseconds come from the monotonic clock; a stepped wall clock is followed forwards at once and backwards by standing still.
 */
export function systemClock(): Clock {
  let origin = performance.timeOrigin
  let last = 0
  return {
    now(): Micros {
      let ms = origin + performance.now()
      const drift = Date.now() - ms
      if (Math.abs(drift) > DRIFT_MAX_MS) {
        origin += drift
        ms += drift
      }
      const micros = Math.floor(ms * MICROS_PER_MS)
      if (micros > last) last = micros
      return last
    },
  }
}

/** Milliseconds of the monotonic clock, with fractions: for durations only. */
export const monotonicMs = (): number => performance.now()

/**
 * Delays from the event loop. `every` starts its next wait when the callback has settled, so that it never overlaps.
 * A callback that throws goes to `onError` and the period goes on; without `onError` it ends the process as any uncaught error does.
 */
export function systemTimers(onError?: (error: unknown) => void): Timers {
  return {
    after(delayMs, run): Timer {
      const handle = setTimeout(run, delayMs)
      return { cancel: () => clearTimeout(handle) }
    },
    every(periodMs, run): Timer {
      let handle: NodeJS.Timeout | undefined
      let isCancelled = false
      const wait = () => {
        if (isCancelled) return
        handle = setTimeout(async () => {
          try {
            await run()
          } catch (error) {
            if (!onError) throw error
            onError(error)
          }
          wait()
        }, periodMs)
      }
      wait()
      return {
        cancel() {
          isCancelled = true
          clearTimeout(handle)
        },
      }
    },
  }
}

/** Time-ordered ids: UUID version 7, RFC 9562 section 5.7. */
export const systemIds = (): IdSource => ({ next: uuidv7 })

/** A generator seeded from the operating system. Not for keys or tokens: those take `node:crypto` directly. */
export const systemRandom = (): Random => seededRandom(randomBytes(32).toString('hex'))

/** How late the event loop runs what is due: the 99th percentile in milliseconds since the last reading. */
export function eventLoopDelay(): { p99Ms(): number } {
  const resolutionMs = 10
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  return {
    p99Ms() {
      // The histogram measures whole periods: what lies beyond the resolution is the delay.
      const ms = Math.max(0, delays.percentile(99) / 1e6 - resolutionMs)
      delays.reset()
      return Number.isFinite(ms) ? Math.round(ms * 100) / 100 : 0
    },
  }
}
