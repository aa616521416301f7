import type { Exchange } from 'ccxt'
import { type Clock, MICROS_PER_MS } from '../../kernel/index.ts'
import type { CallResult } from '../health/index.ts'
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../port/index.ts'
import { type Call, isJson, note, presentCall, resultOf, within } from './call.ts'
import type { CallKind, RestDialect } from './definition.ts'
import { type Endpoint, redirectAll, venuePath } from './endpoint.ts'
import { NonceLane } from './nonce-lane.ts'

/** What a connector signs with. `passphrase` where the venue has one. */
export interface ApiCredentials {
  readonly apiKey: string
  readonly secret: string
  readonly passphrase?: string
}

/** Lets a request go when the venue's limits allow it, and is told what came back. */
export interface RequestGate {
  send(request: GateRequest, send: () => Promise<HttpResponse>): Promise<HttpResponse>
}

export interface GateRequest {
  readonly kind: CallKind
  readonly method: string
  readonly path: string
  /** Of the query and of a form body, as far as they can be read. */
  readonly params: Readonly<Record<string, string>>
}

/** Goes around one request that leaves; it is told what became of it. */
export type WatchCall = <T extends { readonly result: CallResult }>(
  kind: CallKind,
  send: () => Promise<T>,
) => Promise<T>

export interface ExchangeOptions {
  readonly dialect: RestDialect
  readonly endpoint: Endpoint | null
  readonly isTestnet: boolean
  readonly credentials: ApiCredentials | null
  readonly transport: Transport
  readonly gate: RequestGate
  /** Goes around each request that leaves: for health, and to keep one from leaving. */
  readonly watchCall?: WatchCall
  readonly clock: Clock
  /** Added to our clock for signed calls, in milliseconds. */
  readonly skewMs: () => number
  readonly timeoutMs: number
}

/** How often a request is sent whose number came too late. */
const NONCE_ATTEMPTS_MAX = 4

type ExchangeClass = new (options: Record<string, unknown>) => Exchange

let library: Promise<typeof import('ccxt')> | null = null

/**
 * ccxt's class for a venue with its ways out replaced by ours: our transport, our gate, our clock. Numbers stay the
 * decimal strings that the venue sent. ccxt is loaded at the first use of any venue: it is large.
 */
export async function createExchange(options: ExchangeOptions): Promise<Exchange> {
  const { dialect, endpoint, credentials, clock, skewMs } = options
  library ??= import('ccxt')
  const { default: ccxt } = await library
  const Class = (ccxt as unknown as Record<string, ExchangeClass>)[dialect.ccxt]!
  const exchange = new Class({
    ...(credentials === null
      ? {}
      : { apiKey: credentials.apiKey, secret: credentials.secret, password: credentials.passphrase }),
    enableRateLimit: false,
    number: String,
    timeout: options.timeoutMs,
    options: dialect.options ?? {},
  })
  if (dialect.skipsCurrencies === true) (exchange.has as Record<string, unknown>).fetchCurrencies = false
  if (options.isTestnet) exchange.setSandboxMode(true)
  exchange.urls.api = redirectAll(exchange.urls.api, endpoint, exchange.hostname) as typeof exchange.urls.api
  const now = () => Math.floor(clock.now() / MICROS_PER_MS) + Math.round(skewMs())
  exchange.milliseconds = now
  exchange.seconds = () => Math.floor(now() / 1_000)
  exchange.microseconds = () => now() * 1_000
  let lastNonce = 0
  exchange.nonce = () => {
    if (dialect.signsTime === true) return now()
    lastNonce = Math.max(lastNonce + 1, now())
    return lastNonce
  }
  exchange.fetch = (url: string, method = 'GET', headers: unknown = {}, body: unknown = undefined) =>
    fetchThrough(options, exchange, {
      method,
      url,
      // Those of every request: that of OKX keeps orders on its testnet.
      headers: { ...headersOf(exchange.headers), ...headersOf(headers) },
      body: typeof body === 'string' ? body : undefined,
      timeoutMs: options.timeoutMs,
    })
  dialect.prepare?.(exchange)
  gateRequests(exchange, options)
  return exchange
}

type Fetch2 = (
  ...given: [path: string, api?: unknown, method?: string, params?: object, ...rest: unknown[]]
) => Promise<unknown>

/**
 * Requests wait before they are signed: a signature's time or number is only as good as its place in the line. To know what
 * a request will cost it is signed once for the look of it, and that is thrown away.
 */
function gateRequests(exchange: Exchange, { gate, dialect }: ExchangeOptions): void {
  const send = exchange.fetch2.bind(exchange) as Fetch2
  const lane = dialect.isNonceFault === undefined ? null : new NonceLane()
  const gated: Fetch2 = async (path, api = 'public', method = 'GET', params = {}, ...rest) => {
    const [headers, body] = rest
    const preview = exchange.sign(
      path,
      api,
      method,
      params,
      headers as object | undefined,
      body as string | undefined,
    ) as { url: string; body?: unknown }
    const venue = venuePath(preview.url)
    const request: GateRequest = {
      kind: dialect.kindOf(method, venue),
      method,
      path: venue,
      params: paramsOf({ url: preview.url, body: typeof preview.body === 'string' ? preview.body : undefined }),
    }
    const call: Call = presentCall() ?? { kind: request.kind, sent: [] }
    for (let attempt = 1; ; attempt++) {
      let result: unknown
      let failure: unknown = null
      const carryOut = async (): Promise<HttpResponse> => {
        const before = call.sent.length
        try {
          result = await send(path, api, method, params, ...rest)
        } catch (error) {
          failure = error
        }
        const answer = call.sent.slice(before).findLast(one => one.response !== null)?.response
        if (answer === undefined || answer === null) throw failure ?? new Error('a request left no trace')
        return answer
      }
      const leave = () => within(call, carryOut)
      const isNumbered = lane !== null && api === 'private'
      const response = await gate.send(request, () =>
        isNumbered ? (attempt === 1 ? lane.together(leave) : lane.alone(leave)) : leave(),
      )
      // Two requests have overtaken each other: this one was not carried out, and goes again, alone and with a later number.
      if (failure !== null && attempt < NONCE_ATTEMPTS_MAX && dialect.isNonceFault?.(response) === true) continue
      if (failure !== null) throw failure
      return result
    }
  }
  exchange.fetch2 = gated as typeof exchange.fetch2
}

async function fetchThrough(options: ExchangeOptions, exchange: Exchange, request: HttpRequest): Promise<unknown> {
  const { dialect, transport, clock, watchCall = (_, send) => send() } = options
  const call = presentCall()
  const kind = dialect.kindOf(request.method, venuePath(request.url))
  const sentAt = clock.now()
  const { parsed, failure } = await watchCall(kind, async () => {
    let response: HttpResponse
    try {
      response = await transport.fetch(request)
    } catch (error) {
      if (error instanceof TransportError)
        note(call, { kind, response: null, error, result: 'failed', sentAt, receivedAt: clock.now() })
      throw error
    }
    const receivedAt = clock.now()
    const { parsed, failure } = await read(exchange, request, response)
    const result = resultOf(dialect, response, failure)
    note(call, { kind, response, error: null, result, sentAt, receivedAt })
    return { result, parsed, failure }
  })
  if (failure !== null) throw failure
  return parsed
}

/** An answer as ccxt reads it: what it says, or the error that it is. */
async function read(
  exchange: Exchange,
  request: HttpRequest,
  response: HttpResponse,
): Promise<{ parsed: unknown; failure: unknown }> {
  // ccxt would read it as empty: no orders, no fills, an order without an id, an account of which it keeps for good that it has none.
  if (response.status < 400 && !isJson(response.body))
    return { parsed: undefined, failure: new Error(`HTTP ${response.status}: the answer is not JSON`) }
  try {
    const parsed = await exchange.handleRestResponse(
      { ...response, statusText: '', headers: new Headers(response.headers), text: async () => response.body },
      // What ccxt is told goes into its messages: the query may hold a key and a signature.
      request.url.split('?', 1)[0]!,
      request.method,
      request.headers,
      request.body,
    )
    return { parsed, failure: null }
  } catch (failure) {
    return { parsed: undefined, failure }
  }
}

function headersOf(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function paramsOf({ url, body }: { url: string; body: string | undefined }): Record<string, string> {
  const params = Object.fromEntries(new URL(url).searchParams)
  if (body === undefined || body === '') return params
  if (!body.startsWith('{') && !body.startsWith('['))
    return { ...params, ...Object.fromEntries(new URLSearchParams(body)) }
  const parsed: unknown = JSON.parse(body)
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (typeof first !== 'object' || first === null) return params
  return { ...params, ...Object.fromEntries(Object.entries(first).map(([name, value]) => [name, String(value)])) }
}
