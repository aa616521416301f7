import type { Exchange } from 'ccxt'
import { type Clock, MICROS_PER_MS } from '../../kernel/index.ts'
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../port/index.ts'
import { note, presentCall } from './call.ts'
import type { CallKind, RestDialect } from './definition.ts'
import { type Endpoint, redirectAll, venuePath } from './endpoint.ts'

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

export interface ExchangeOptions {
  readonly dialect: RestDialect
  readonly endpoint: Endpoint | null
  readonly isTestnet: boolean
  readonly credentials: ApiCredentials | null
  readonly transport: Transport
  readonly gate: RequestGate
  readonly clock: Clock
  /** Added to our clock for signed calls, in milliseconds. */
  readonly skewMs: () => number
  readonly timeoutMs: number
}

type ExchangeClass = new (options: Record<string, unknown>) => Exchange

/**
 * ccxt's class for a venue with its ways out replaced by ours: our transport, our gate, our clock. Numbers stay the
 * decimal strings that the venue sent. ccxt is loaded at the first use of any venue: it is large.
 */
export async function createExchange(options: ExchangeOptions): Promise<Exchange> {
  const { dialect, endpoint, credentials, clock, skewMs } = options
  const { default: ccxt } = await import('ccxt')
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
  if (options.isTestnet) exchange.setSandboxMode(true)
  exchange.urls.api = redirectAll(exchange.urls.api, endpoint, exchange.hostname) as typeof exchange.urls.api
  const now = () => Math.floor(clock.now() / MICROS_PER_MS) + Math.round(skewMs())
  exchange.milliseconds = now
  exchange.seconds = () => Math.floor(now() / 1_000)
  exchange.microseconds = () => now() * 1_000
  let lastNonce = 0
  exchange.nonce = () => {
    lastNonce = Math.max(lastNonce + 1, now())
    return lastNonce
  }
  exchange.fetch = (url: string, method = 'GET', headers: unknown = {}, body: unknown = undefined) =>
    fetchThrough(options, exchange, {
      method,
      url,
      headers: headersOf(headers),
      body: typeof body === 'string' ? body : undefined,
      timeoutMs: options.timeoutMs,
    })
  return exchange
}

async function fetchThrough(options: ExchangeOptions, exchange: Exchange, request: HttpRequest): Promise<unknown> {
  const { dialect, gate, transport } = options
  const call = presentCall()
  const path = venuePath(request.url)
  const kind = dialect.kindOf(request.method, path)
  const gated: GateRequest = { kind, method: request.method, path, params: paramsOf(request) }
  let response: HttpResponse
  try {
    response = await gate.send(gated, () => transport.fetch(request))
  } catch (error) {
    if (error instanceof TransportError) note(call, { kind, response: null, error })
    throw error
  }
  note(call, { kind, response, error: null })
  return exchange.handleRestResponse(
    { ...response, statusText: '', headers: new Headers(response.headers), text: async () => response.body },
    request.url,
    request.method,
    request.headers,
    request.body,
  )
}

function headersOf(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function paramsOf({ url, body }: HttpRequest): Record<string, string> {
  const params = Object.fromEntries(new URL(url).searchParams)
  if (body === undefined || body === '') return params
  if (!body.startsWith('{') && !body.startsWith('['))
    return { ...params, ...Object.fromEntries(new URLSearchParams(body)) }
  const parsed: unknown = JSON.parse(body)
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (typeof first !== 'object' || first === null) return params
  return { ...params, ...Object.fromEntries(Object.entries(first).map(([name, value]) => [name, String(value)])) }
}
