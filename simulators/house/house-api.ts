import type { HouseApi, WishedOrder } from './house-crowd.ts'

/** Answers that are the exchange's and not a failure: refused, unknown, in conflict. */
const REFUSALS = new Set([400, 404, 409, 422])
const TIMEOUT_MS = 10_000

/** The exchange's REST API over HTTP; `tokenOf` gives the access token of a trader. Throws when the exchange cannot be reached. */
export function httpHouseApi(origin: string, tokenOf: (trader: string) => Promise<string>): HouseApi {
  async function call(trader: string, method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(trader)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.arrayBuffer()
    if (!response.ok && !REFUSALS.has(response.status)) throw new Error(`${method} ${path} answered ${response.status}`)
  }
  const orders = '/v1/exchange/orders'
  return {
    place: (trader: string, wished: readonly WishedOrder[]) =>
      call(trader, 'POST', `${orders}/batch`, { orders: wished }),
    cancel: (trader, instrument, clientId) =>
      call(trader, 'DELETE', `${orders}?${new URLSearchParams({ instrument, clientId })}`),
    cancelAll: trader => call(trader, 'DELETE', orders),
  }
}
