/** Field names whose values never reach a log, whatever their letter case or separators. */
const SECRET_NAME = /token|authorization|password|passphrase|secret|api[-_]?key|private[-_]?key|cookie|credential/i
/** Secrets inside texts: passwords in URLs, bearer tokens, JSON web tokens. */
const SECRET_TEXT: readonly [RegExp, string][] = [
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, '$1:[redacted]@'],
  [/\bbearer\s+[\w.~+/-]+=*/gi, 'Bearer [redacted]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[redacted]'],
]
const DEPTH_MAX = 6
const ENTRIES_MAX = 100
const TEXT_LENGTH_MAX = 4_000

const REDACTED = '[redacted]'

/** The text without the secrets that show by their form, cut to a bound. */
export function redactText(text: string): string {
  const cut = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text
  return SECRET_TEXT.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), cut)
}

/** A copy that holds no secret and has bounded depth and width; errors become name, message, code, stack and cause. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '[deep]'
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map(entry => redact(entry, depth + 1))
  if (value instanceof Set || value instanceof Map) return redact([...value], depth)
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ENTRIES_MAX)
      .map(([name, entry]) => [name, SECRET_NAME.test(name) ? REDACTED : redact(entry, depth + 1)]),
  )
}

const redactError = (error: Error & { code?: unknown; details?: unknown }, depth: number) => ({
  type: error.name,
  message: redactText(error.message),
  ...(error.code === undefined ? {} : { code: redact(error.code, depth + 1) }),
  ...(error.details === undefined ? {} : { details: redact(error.details, depth + 1) }),
  stack: redactText(error.stack ?? ''),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
})
