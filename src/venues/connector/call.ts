import { AsyncLocalStorage } from 'node:async_hooks'
import type { Micros } from '../../kernel/index.ts'
import type { CallResult } from '../health/index.ts'
import type { HttpResponse, TransportError } from '../port/index.ts'
import type { CallKind, RestDialect } from './definition.ts'

/** Requests that one call may make; ccxt sometimes asks for more than one thing. */
const REQUESTS_PER_CALL_MAX = 50

/** One request of a call and what came of it. */
export interface Sent {
  readonly kind: CallKind
  readonly response: HttpResponse | null
  readonly error: TransportError | null
  readonly result: CallResult
  /** When it left, after all waiting, and when its answer was there; by our clock. */
  readonly sentAt: Micros
  readonly receivedAt: Micros
}

/** What is known of a call while ccxt carries it out: ccxt's errors do not tell what was sent and what was answered. */
export interface Call {
  readonly kind: CallKind
  /** Requests that left, in order. */
  readonly sent: Sent[]
}

const current = new AsyncLocalStorage<Call>()

/** Runs something as one call of a kind. */
export async function inCall<T>(kind: CallKind, run: (call: Call) => Promise<T>): Promise<T> {
  const call: Call = { kind, sent: [] }
  return current.run(call, () => run(call))
}

/** Runs something as part of a call, whoever gives it the chance to: a queue lets requests go in its own time. */
export const within = <T>(call: Call, run: () => T): T => current.run(call, run)

export const presentCall = (): Call | undefined => current.getStore()

export function note(call: Call | undefined, sent: Sent): void {
  if (call !== undefined && call.sent.length < REQUESTS_PER_CALL_MAX) call.sent.push(sent)
}

/** ccxt's classes for a venue that cannot do what it is asked at the moment, whoever asks. */
const DOWN = new Set(['ExchangeNotAvailable', 'OnMaintenance', 'RequestTimeout', 'OperationFailed'])

/**
 * What an answer says of its venue: venues refuse under HTTP 500, and are down under HTTP 200. `failure` is ccxt's reading
 * of it, null where that is no error.
 */
export function resultOf(dialect: RestDialect, response: HttpResponse, failure: unknown): CallResult {
  if (response.status < 400 && failure === null) return 'answered'
  if (dialect.refusal(response) !== null) return 'refused'
  const isDown = failure instanceof Error && DOWN.has(failure.name)
  const isFailed = isDown || response.status >= 500 || !isJson(response.body) || dialect.isDown?.(response) === true
  return isFailed ? 'failed' : 'refused'
}

/** Not so of an answer that was cut off, or is none of the venue's. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
