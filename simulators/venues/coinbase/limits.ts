import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import type { CallName, SimulatedRequest } from '../core/index.ts'

/** Thirty private requests a second for each key, ten public ones for each address: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api */
const PRIVATE_MAX = 30
const PUBLIC_MAX = 10
/** Keys and addresses that are remembered. */
const SUBJECTS_MAX = 10_000

export class CoinbaseLimits {
  readonly #recent = new Map<string, Micros[]>()

  /** False when this is one more than the last second allows. */
  request(request: SimulatedRequest, call: CallName, at: Micros): boolean {
    const isPublic = call === 'public'
    const name = isPublic ? `ip ${request.from}` : `key ${keyOf(request)}`
    const recent = (this.#recent.get(name) ?? []).filter(then => at - then < MICROS_PER_SECOND)
    this.#recent.delete(name)
    this.#recent.set(name, recent)
    if (this.#recent.size > SUBJECTS_MAX) this.#recent.delete(this.#recent.keys().next().value!)
    if (recent.length >= (isPublic ? PUBLIC_MAX : PRIVATE_MAX)) return false
    recent.push(at)
    return true
  }
}

/** Whose the token says it is; whether that is so is seen later. */
function keyOf({ headers, from }: SimulatedRequest): string {
  try {
    const [header = ''] = (headers.authorization ?? '').replace('Bearer ', '').split('.')
    return String((JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown }).kid)
  } catch {
    return from
  }
}

const ORDERS = '/api/v3/brokerage/orders'
const PUBLIC = /^\/(v2\/(?!accounts)|api\/v3\/brokerage\/(market\/|time$))/

export const callOf = ({ method, path }: SimulatedRequest): CallName => {
  if (method === 'POST' && path === ORDERS) return 'place'
  if (path === `${ORDERS}/batch_cancel`) return 'cancel'
  if (path === `${ORDERS}/edit`) return 'amend'
  return PUBLIC.test(path) ? 'public' : 'query'
}
