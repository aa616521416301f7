import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'bin/bourse.mjs')
const SAID_MAX = 200_000
const TIMEOUT_MS = 120_000

/** The variables of a clean shell: nothing that is set here changes what a test means. */
const env = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  BOURSE_METRICS_PORT: '0',
  BOURSE_LOG_LEVEL: 'info',
  ...extra,
})

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bourse-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `bourse` to its end. */
export function bourse(args: readonly string[], extra: Readonly<Record<string, string>> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: env({ BOURSE_LOG_LEVEL: 'warn', ...extra }),
    timeout: TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  })
  return { code: status, out: stdout, err: stderr }
}

/** Runs `bourse` with nobody who reads what it writes. */
export async function unreadBourse(args: readonly string[]): Promise<Omit<Ended, 'out'>> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env: env(), timeout: TIMEOUT_MS })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', text => {
    err += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, err }
}

export interface Running {
  readonly process: ChildProcess
  said(): string
  /** Resolves with what was said once `words` were; rejects when the process ends before. */
  saying(words: string): Promise<string>
  /** Sends the signal and gives the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** In a test: starts `bourse` and leaves it running; it is killed after the test, also one that fails. */
export function startBourse(
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
  input: 'ignore' | 'pipe' = 'ignore',
): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: ROOT,
    env: env(extra),
    stdio: [input, 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', data => {
      said = (said + data).slice(-SAID_MAX)
    })
  const gone = once(child, 'exit').then(([code]) => code as number | null)
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    process: child,
    said: () => said,
    saying: words =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (said.includes(words)) resolve(said)
        }
        child.stdout!.on('data', look)
        child.stderr!.on('data', look)
        gone.then(code => reject(new Error(`ended with ${code} before it said "${words}":\n${said}`)))
        look()
      }),
    end(signal) {
      child.kill(signal)
      return gone
    },
  }
}

/** The port that the server said it listens on. */
export const originIn = (said: string): string => {
  const origin = /Bourse is at (\S+)/.exec(said)?.[1]
  if (origin === undefined) throw new Error(`no origin in: ${said}`)
  return origin
}
