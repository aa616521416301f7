import type { SessionView } from '../contract.ts'
import { localNowMs } from '../show/clock.ts'
import { type Problem, problemFrom } from './problem.ts'

/**
 * Who we are. The token lives in this module's memory and nowhere else, and is renewed before it expires.
 */
const RENEW_BEFORE_MS = 60_000
const RETRY_MS = 5_000

export interface Session {
  readonly principal?: SessionView['principal']
  readonly error?: Problem
}

let token = ''
let expiresAtMs = 0
let underway: Promise<string> | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let state: Session = {}
const renewedLookers = new Set<(token: string) => void>()
const listeners = new Set<() => void>()

function publish(next: Session): void {
  state = next
  for (const listener of listeners) listener()
}

async function begin(): Promise<string> {
  const response = await fetch('/v1/session/demo', { method: 'POST' })
  if (!response.ok) throw await problemFrom(response)
  const session = (await response.json()) as SessionView
  token = session.token
  expiresAtMs = session.expiresAt / 1_000
  clearTimeout(timer)
  timer = setTimeout(
    () => void renew().catch(() => undefined),
    Math.max(RETRY_MS, expiresAtMs - localNowMs() - RENEW_BEFORE_MS),
  )
  publish({ principal: session.principal })
  for (const looker of renewedLookers) looker(token)
  return token
}

/** A new token now; calls at the same time share one. */
export function renew(): Promise<string> {
  underway ??= begin()
    .catch(error => {
      if (!state.principal) publish({ error: error as Problem })
      clearTimeout(timer)
      timer = setTimeout(() => void renew().catch(() => undefined), RETRY_MS)
      throw error
    })
    .finally(() => {
      underway = undefined
    })
  return underway
}

export const currentToken = async (): Promise<string> => (token && localNowMs() < expiresAtMs - 5_000 ? token : renew())

export const onRenewed = (looker: (token: string) => void): void => void renewedLookers.add(looker)

export const lookAtSession = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
export const readSession = (): Session => state

export const may = (permission: string): boolean => state.principal?.permissions.includes(permission) ?? true
