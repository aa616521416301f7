import type { Timers } from '../kernel/index.ts'
import type { Log } from './log/log.ts'
import { monotonicMs } from './system.ts'

const STOP_TIMEOUT_MS = 10_000

/** Ends a process in order. */
export interface Supervisor {
  /** Adds a step to the end. Steps run in the reverse order of their adding: what was started last stops first. */
  onStop(name: string, stop: () => Promise<void> | void, timeoutMs?: number): void
  /** Runs every step within its bound, whatever the others do. Idempotent; gives whether all of them succeeded. */
  stop(reason: string): Promise<boolean>
  /**
   * Stops at SIGINT, SIGTERM and at an error that nobody caught, then exits: 0 after a clean stop, 1 otherwise. A second
   * signal exits at once.
   */
  listen(): void
}

/** What a supervisor needs of the process; a test brings its own. */
export interface ProcessPort {
  on(event: string, listener: (argument: unknown) => void): unknown
  exit(code: number): void
}

export function createSupervisor(options: { log: Log; timers: Timers; process?: ProcessPort }): Supervisor {
  const { log, timers } = options
  const host: ProcessPort = options.process ?? (process as unknown as ProcessPort)
  const steps: { name: string; stop: () => Promise<void> | void; timeoutMs: number }[] = []
  let stopped: Promise<boolean> | undefined

  async function runStep({ name, stop, timeoutMs }: (typeof steps)[number]): Promise<boolean> {
    const startedAt = monotonicMs()
    try {
      await within(timeoutMs, timers, async () => stop())
      log.debug({ step: name, ms: Math.round(monotonicMs() - startedAt) }, 'stopped')
      return true
    } catch (error) {
      log.error({ step: name, error }, 'a part did not stop as it should')
      return false
    }
  }

  async function runAll(reason: string): Promise<boolean> {
    log.info({ reason }, 'stopping')
    let isClean = true
    for (const step of steps.toReversed()) isClean = (await runStep(step)) && isClean
    log.info(isClean ? 'stopped' : 'stopped, but not cleanly')
    return isClean
  }

  const supervisor: Supervisor = {
    onStop(name, stop, timeoutMs = STOP_TIMEOUT_MS) {
      steps.push({ name, stop, timeoutMs })
    },
    stop(reason) {
      stopped ??= runAll(reason)
      return stopped
    },
    listen() {
      const end = (reason: string, code: number) =>
        void supervisor.stop(reason).then(isClean => host.exit(isClean ? code : 1))
      for (const signal of ['SIGINT', 'SIGTERM'])
        host.on(signal, () => {
          if (!stopped) return end(signal, 0)
          log.warn({ signal }, 'stopping at once')
          host.exit(1)
        })
      for (const event of ['uncaughtException', 'unhandledRejection'])
        host.on(event, error => {
          log.error({ error }, 'an error that nobody caught ends the process')
          end(event, 1)
        })
    },
  }
  return supervisor
}

function within(timeoutMs: number, timers: Timers, run: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.after(timeoutMs, () => reject(new Error(`not within ${timeoutMs} ms`)))
    run()
      .then(resolve, reject)
      .finally(() => timer.cancel())
  })
}
