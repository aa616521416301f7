/**
 * Every error code of the product, in one table: HTTP status, whether trying again can help, and a message for people.
 * The reference in docs/reference/errors.md is generated from it.
 */
export const ERRORS = {
  'request.invalid': { status: 400, retryable: false, message: 'The request is not valid.' },
  'request.too_large': { status: 413, retryable: false, message: 'The request is larger than is accepted here.' },
  'request.unsupported_media_type': {
    status: 415,
    retryable: false,
    message: 'This kind of body is not accepted here.',
  },
  'request.rate_limited': {
    status: 429,
    retryable: true,
    message: 'Too many requests; wait as long as Retry-After says.',
  },
  'auth.required': { status: 401, retryable: false, message: 'Sign in first.' },
  'auth.token_invalid': { status: 401, retryable: false, message: 'The access token is not valid.' },
  'auth.token_expired': { status: 401, retryable: true, message: 'The access token has expired.' },
  'auth.demo_only': { status: 403, retryable: false, message: 'This works in demo mode only.' },
  'auth.origin_refused': { status: 403, retryable: false, message: 'Requests from this origin or host are refused.' },
  'permission.denied': { status: 403, retryable: false, message: 'You lack the permission for this.' },
  'resource.not_found': { status: 404, retryable: false, message: 'There is nothing here by that name.' },
  'state.conflict': { status: 409, retryable: false, message: 'The present state does not allow this.' },
  'event.conflict': { status: 409, retryable: true, message: 'Somebody changed it meanwhile; read again and retry.' },
  'idempotency.mismatch': {
    status: 422,
    retryable: false,
    message: 'This idempotency key was used with other contents.',
  },
  'instrument.unknown': { status: 404, retryable: false, message: 'There is no such instrument.' },
  'strategy.unknown': { status: 404, retryable: false, message: 'There is no such strategy.' },
  'strategy.parameters_invalid': { status: 400, retryable: false, message: 'The strategy refuses these parameters.' },
  'run.unknown': { status: 404, retryable: false, message: 'There is no such run.' },
  'run.state': { status: 409, retryable: false, message: 'The run is not in a state that allows this.' },
  'run.limit': { status: 409, retryable: false, message: 'There are as many runs as are allowed.' },
  'order.unknown': { status: 404, retryable: false, message: 'There is no such order.' },
  'kill_switch.active': { status: 409, retryable: false, message: 'The kill switch is on; no order is sent.' },
  'ledger.account_unknown': { status: 404, retryable: false, message: 'There is no such account with that asset.' },
  'ledger.journal_unknown': { status: 404, retryable: false, message: 'There is no such journal.' },
  'ledger.unbalanced': { status: 422, retryable: false, message: 'The lines of a journal add up to zero per asset.' },
  'ledger.insufficient_funds': { status: 409, retryable: false, message: 'The account holds too little for this.' },
  'ledger.funds_mixed': {
    status: 422,
    retryable: false,
    message: 'Funds of clients and of the house meet in clearing accounts only.',
  },
  'ledger.key_conflict': {
    status: 422,
    retryable: false,
    message: 'The key belongs to a journal with other contents.',
  },
  'ledger.not_reversible': {
    status: 409,
    retryable: false,
    message: 'This journal has been reversed, or is of a kind that is not.',
  },
  'ledger.hold_unknown': { status: 404, retryable: false, message: 'There is no such hold.' },
  'ledger.hold_closed': { status: 409, retryable: false, message: 'The hold is over.' },
  'ledger.hold_exceeded': { status: 409, retryable: false, message: 'The hold holds less than that.' },
  'ledger.hold_required': { status: 422, retryable: false, message: 'Held money moves with its hold only.' },
  'import.unrecognised': { status: 400, retryable: false, message: 'The file has no layout that is known.' },
  'import.empty': { status: 400, retryable: false, message: 'The file holds no usable row.' },
  'history.empty': { status: 404, retryable: false, message: 'There is no history in that range.' },
  'recording.invalid': { status: 400, retryable: false, message: 'The recording cannot be read.' },
  'recording.differs': { status: 409, retryable: false, message: 'The replay differs from the recording.' },
  'venue.unavailable': { status: 503, retryable: true, message: 'The venue does not answer.' },
  'venue.rate_limited': { status: 503, retryable: true, message: "The venue's limits leave no room for this now." },
  'venue.breaker_open': {
    status: 503,
    retryable: true,
    message: 'The venue has failed too often lately; no such call is made for a while.',
  },
  'venue.refused': { status: 502, retryable: false, message: 'The venue refuses this.' },
  'venue.unsupported': { status: 501, retryable: false, message: 'Bourse does not speak to this venue.' },
  'venue.key_may_withdraw': {
    status: 422,
    retryable: false,
    message: 'A key that may withdraw is not taken.',
  },
  'credential.unknown': { status: 404, retryable: false, message: 'There is no such key.' },
  'credential.exists': { status: 409, retryable: false, message: 'There is a key by that name already.' },
  'credential.limit': { status: 409, retryable: false, message: 'There are as many keys as are allowed.' },
  'secret.unreadable': { status: 500, retryable: false, message: 'An encrypted secret cannot be read.' },
  'secret.too_large': { status: 413, retryable: false, message: 'The secret is too large.' },
  'secret.keys_unusable': {
    status: 500,
    retryable: false,
    message: 'The keys that secrets are encrypted with cannot be used.',
  },
  'config.invalid': { status: 500, retryable: false, message: 'The configuration is not valid.' },
  'database.unavailable': { status: 503, retryable: true, message: 'The database does not answer.' },
  'database.start_failed': { status: 500, retryable: false, message: 'PostgreSQL could not be started.' },
  'database.migration_failed': {
    status: 500,
    retryable: false,
    message: 'The database could not be brought up to date.',
  },
  'node.unavailable': { status: 503, retryable: true, message: 'The trading node is not running.' },
  'exchange.unavailable': { status: 503, retryable: true, message: 'The exchange takes no commands now.' },
  'exchange.refused': { status: 422, retryable: false, message: 'The exchange refuses this.' },
  'exchange.busy': { status: 503, retryable: true, message: 'The exchange has more to do than it takes.' },
  'exchange.lease_lost': {
    status: 503,
    retryable: true,
    message: 'Another process owns this part of the exchange now.',
  },
  'exchange.journal_unreadable': {
    status: 500,
    retryable: false,
    message: 'The journal of the exchange cannot be read.',
  },
  'exchange.limits_changed': {
    status: 500,
    retryable: false,
    message: 'The exchange cannot go on under other limits than those its journal was written with.',
  },
  'exchange.snapshot_damaged': { status: 500, retryable: false, message: 'A snapshot of the exchange is damaged.' },
  'server.port_in_use': { status: 500, retryable: false, message: 'The port is in use.' },
  'server.shutting_down': { status: 503, retryable: true, message: 'The server is shutting down.' },
  'socket.too_many': { status: 429, retryable: true, message: 'There are as many connections as are allowed.' },
  'internal.error': { status: 500, retryable: true, message: 'Something broke on our side; it has been recorded.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>

export type ErrorCode = keyof typeof ERRORS

/** What exactly was wrong: the field and the rule where there is one, and anything else that helps and holds no secret. */
export interface ErrorDetails {
  /** Names the field, flag or variable at fault. */
  field?: string
  /** The rule that it breaks, in words. */
  rule?: string
  /** What to do about it. */
  fix?: string
  /** Several faults at once. */
  faults?: readonly { field: string; rule: string }[]
  [extra: string]: unknown
}

/** The one error class. Everything that leaves the product as an error is one of these, or becomes `internal.error`. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options: { cause?: unknown } = {}) {
    super(describe(code, details), options)
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }
}

function describe(code: ErrorCode, details: ErrorDetails): string {
  const parts: string[] = [ERRORS[code].message]
  if (details.field !== undefined || details.rule !== undefined)
    parts.push([details.field, details.rule].filter(part => part !== undefined).join(': '))
  for (const fault of details.faults ?? []) parts.push(`${fault.field}: ${fault.rule}`)
  if (details.fix === undefined) return parts.join(' ')
  const told = parts.join(' ')
  return `${told}${/[.!?]$/.test(told) ? '' : '.'} ${details.fix}`
}
