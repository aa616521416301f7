import { AppError, InvariantError } from '../../kernel/index.ts'

/** SQLSTATE that `append_events` raises when a stream has moved on. */
const STREAM_CONFLICT = 'BE001'

const REFUSED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused: nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  '28P01': 'the password is refused',
  '28000': 'the user is refused',
  '3D000': 'there is no such database',
  '53300': 'it has no connection left',
  '53100': 'its disk is full',
  '57P01': 'it was shut down',
  '57P02': 'it crashed',
  '57P03': 'it is starting up or shutting down',
  '25006': 'it is read-only',
}

const CUT =
  /Connection terminated|connection is closed|timeout exceeded when trying to connect|not queryable|Client was closed/i

const codeOf = (error: unknown): string => {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] }
  if (typeof code === 'string') return code
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : ''
}

/** In words why PostgreSQL cannot be used, or undefined when that is not what the error says. Never holds a password. */
export function unavailableReason(error: unknown): string | undefined {
  const code = codeOf(error)
  if (REFUSED[code] !== undefined) return REFUSED[code]
  if (code.startsWith('08')) return 'the connection failed'
  return error instanceof Error && CUT.test(error.message)
    ? 'the connection was cut or did not come about in time'
    : undefined
}

/**
 * What a failed transaction means to its caller: `database.unavailable`, `event.conflict` for what a retry cures,
 * `state.conflict` for a broken unique key. Anything else is a bug and stays as it is.
 */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof AppError || error instanceof InvariantError) return error
  const rule = unavailableReason(error)
  if (rule !== undefined) return new AppError('database.unavailable', { field: 'DATABASE_URL', rule }, { cause: error })
  const { code, detail, constraint } = (error ?? {}) as { code?: string; detail?: string; constraint?: string }
  switch (code) {
    case STREAM_CONFLICT:
      return new AppError(
        'event.conflict',
        { field: 'sequence', rule: 'follows the last of its stream', subject: detail },
        { cause: error },
      )
    case '40001':
    case '40P01':
    case '55P03':
      return new AppError('event.conflict', { rule: 'another transaction was first' }, { cause: error })
    case '22P05':
    case '22021':
      return new AppError('request.invalid', { rule: 'text holds no null character' }, { cause: error })
    case '23505':
      return new AppError('state.conflict', { rule: 'is there already', constraint }, { cause: error })
    default:
      return error
  }
}
