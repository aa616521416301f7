import { type DestinationStream, type Logger, pino } from 'pino'
import { redact, redactText } from './redact.ts'

/** One level of the log: fields and a sentence, or the sentence alone. An error goes under `error`. */
export interface LogLine {
  (fields: Readonly<Record<string, unknown>>, message: string): void
  (message: string): void
}

/** Structured logs. Every line is one JSON object, so that no input can forge a line; secrets are redacted by name and by form. */
export interface Log {
  readonly trace: LogLine
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
  child(fields: Readonly<Record<string, unknown>>): Log
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Control characters beyond what JSON escapes by itself: C1 and line separators, which some terminals obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
const visible = (text: string): string =>
  text.replace(CONTROLS, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A log that writes JSON lines to `destination`, by default the standard output. */
export function createLog(options: { level?: LogLevel; destination?: DestinationStream; name?: string } = {}): Log {
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: options.name === undefined ? null : { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: label => ({ level: label }),
        log: fields => redact(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(args, method) {
          const safe = args.map(arg => (typeof arg === 'string' ? visible(redactText(arg)) : arg))
          method.apply(this, safe as Parameters<typeof method>)
        },
      },
    },
    options.destination ?? pino.destination(1),
  )
  return logOver(logger)
}

/** pino formats the fields of a child once and without our formatter, so they are redacted here. */
const logOver = (logger: Logger): Log => ({
  trace: logger.trace.bind(logger),
  debug: logger.debug.bind(logger),
  info: logger.info.bind(logger),
  warn: logger.warn.bind(logger),
  error: logger.error.bind(logger),
  child: fields => logOver(logger.child(redact(fields) as Record<string, unknown>)),
})

/** A log that says nothing: for tests and for tools that print. */
export const silentLog: Log = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
}
