import { AppError } from '../../kernel/index.ts'

/** Known causes by what initdb, postgres or the operating system say, each with the fix. */
const CAUSES: readonly { pattern: RegExp; rule: (data: string) => string; fix: string }[] = [
  {
    pattern: /ENOSPC|could not extend file|free disk space|No space left on device|Disk quota exceeded|EDQUOT/i,
    rule: data => `the disk that holds ${data} is full`,
    fix: 'Free some space (a new database needs about 100 MB) or set BOURSE_DATA to another disk.',
  },
  {
    pattern: /EACCES|EROFS|EPERM|Permission denied|Read-only file system/i,
    rule: data => `the data folder ${data} cannot be written`,
    fix: 'Give it to the user who starts Bourse, or set BOURSE_DATA to another folder.',
  },
  {
    pattern: /ENOTDIR|EEXIST/,
    rule: data => `${data} is not a folder`,
    fix: 'Set BOURSE_DATA to a folder.',
  },
  {
    pattern: /could not bind|Address already in use/i,
    rule: () => 'no free port on 127.0.0.1 for PostgreSQL',
    fix: 'Start again; if it stays so, look for what holds the local ports.',
  },
  {
    pattern: /could not (create|resize) shared memory|shared memory segment/i,
    rule: () => 'there is too little shared memory for PostgreSQL',
    fix: 'In a container, give it more with --shm-size=256m.',
  },
]

/** One clear line with the fix for a failed start. `said` is what the program printed, its last line is kept as the reason. */
export function startFailure(dataDir: string, said: string, cause?: unknown): AppError {
  if (cause instanceof AppError) return cause
  const text = `${said}\n${cause instanceof Error ? `${(cause as NodeJS.ErrnoException).code ?? ''} ${cause.message}` : ''}`
  const known = CAUSES.find(({ pattern }) => pattern.test(text))
  if (known) return new AppError('database.start_failed', { rule: known.rule(dataDir), fix: known.fix }, { cause })
  const lines = text.split('\n').map(line => line.trim())
  const line =
    lines.find(entry => /FATAL|PANIC|error:/.test(entry)) ?? lines.filter(Boolean).at(-1) ?? 'no reason was given'
  return new AppError(
    'database.start_failed',
    { rule: line.replace(/^.*?(FATAL|PANIC|error):\s*/, ''), fix: `Look into ${dataDir}/postgres/log.` },
    { cause },
  )
}
