import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteHandlerMethod } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  AppError,
  assert,
  type Clock,
  type IdSource,
  PLATFORM_TENANT,
  type Principal,
  type Timers,
} from '../../kernel/index.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../database/database.ts'
import type { AuditPort } from '../events/audit-recorded.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { SocketHub } from '../sockets/hub.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { demoSessionRoute } from './demo-session.ts'
import { serveDocs } from './docs.ts'
import { authenticate, authorize, rateGuards } from './guards.ts'
import { type HealthCheck, healthRoutes } from './health.ts'
import { createIdempotency, type Idempotency } from './idempotency.ts'
import { assertStrict } from './json-schema.ts'
import { portFailure } from './listen.ts'
import { openApiOf } from './openapi.ts'
import { originPolicy } from './origin.ts'
import { PROBLEM_TYPE, problemOf, toAppError } from './problem.ts'
import { ok, type Route, type RouteDeps, route } from './route.ts'
import { securityHeaders } from './security-headers.ts'
import { servePages } from './static.ts'

const MS_PER_SECOND = 1_000
const BODY_BYTES_MAX = 256 * 1_024
const HEADER_BYTES_MAX = 16 * 1_024
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const CHECK_CONNECTIONS_MS = 5_000
const KEEP_ALIVE_MS = 60_000
const PARAM_LENGTH_MAX = 200
const CONNECTIONS_MAX = 5_000
const CLOSE_TIMEOUT_MS = 10_000

export interface HttpServerOptions {
  readonly config: Pick<Config, 'host' | 'port' | 'isDemo' | 'publicOrigin'>
  readonly routes: readonly Route[]
  readonly deps: RouteDeps
  readonly tokens: Tokens
  readonly audit: AuditPort
  readonly clock: Clock
  readonly ids: IdSource
  readonly timers: Timers
  readonly log: Log
  readonly metrics: Metrics
  /** Keeps the answers of idempotent routes. */
  readonly db: Database
  readonly checks: readonly HealthCheck[]
  /** Whom demo mode signs in. */
  readonly demoPrincipal?: Principal
  /** Folder of the built pages. */
  readonly staticDir?: string
  readonly sockets?: SocketHub
  readonly version?: string
}

export interface HttpServer {
  /** Every route, the server's own included. */
  readonly routes: readonly Route[]
  /** The generated OpenAPI document. */
  readonly openApi: object
  /** @throws AppError `server.port_in_use`. */
  listen(): Promise<{ port: number; origin: string }>
  /** Answers a request without a network: for tests. */
  readonly inject: FastifyInstance['inject']
  /** Refuses new requests, lets running ones finish within the bound, closes sockets with 1001. Idempotent. */
  close(timeoutMs?: number): Promise<void>
}

/** Puts the routes behind one server: checks, limits, errors, documents and pages are the same for all of them. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, clock, ids, timers, log, metrics, tokens, audit, sockets } = options
  let isClosing = false
  let port = config.port
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    genReqId: () => ids.next(),
    trustProxy: false,
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX, caseSensitive: true },
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    },
    frameworkErrors: (error, request, reply) => fail(error, request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: refuseMalformed,
  })
  app.server.maxConnections = CONNECTIONS_MAX
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('principal', null)
  app.decorateRequest('failure', null)
  const origins = originPolicy({ isDemo: config.isDemo, publicOrigin: config.publicOrigin, port: () => port })
  const duration = metrics.histogram('bourse_http_request_seconds', 'Time to answer a request', {
    labels: ['method', 'route', 'status'] as const,
  })
  const headers = { ...securityHeaders(config.isDemo), 'cache-control': 'no-store' }

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const failure = toAppError(error)
    request.failure = failure.code
    if (failure.status >= 500)
      log.error({ error, requestId: request.id, route: request.routeOptions?.url }, 'a request failed')
    const { retryAfterSeconds } = failure.details
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds))
    if (failure.status === 401) reply.header('www-authenticate', 'Bearer')
    return reply
      .code(failure.status)
      .header('content-type', PROBLEM_TYPE)
      .serializer(String)
      .send(JSON.stringify(problemOf(failure, request.url.split('?')[0]!, String(request.id))))
  }

  // Hooks that wait for nothing end by a call: a promise for each costs more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', String(request.id))
    if (isClosing) throw new AppError('server.shutting_down')
    origins.check(request.headers)
    const { 'content-encoding': encoding } = request.headers
    if (encoding !== undefined && encoding !== 'identity')
      throw new AppError('request.unsupported_media_type', { field: 'Content-Encoding', rule: 'is absent' })
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    const query = (request.query ?? {}) as Record<string, unknown>
    for (const name in query)
      if (Array.isArray(query[name]))
        throw new AppError('request.invalid', { field: name.slice(0, 100), rule: 'is given once' })
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // A connection that stayed open for another request would hold up the end.
    if (isClosing) reply.header('connection', 'close')
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const url = request.routeOptions.url ?? 'unknown'
    duration.observe({ method, route: url, status: String(reply.statusCode) }, reply.elapsedTime / MS_PER_SECOND)
    record(request, reply, url)
    done()
  })

  function record(request: FastifyRequest, reply: FastifyReply, url: string): void {
    const { audit: action } = request.routeOptions.config
    const isDenied = reply.statusCode === 401 || reply.statusCode === 403
    if (action === undefined && !isDenied) return
    const { principal } = request
    audit({
      tenant: principal?.tenant ?? PLATFORM_TENANT,
      at: clock.now(),
      who: principal
        ? { id: principal.id, name: principal.name, kind: principal.kind }
        : { id: '', name: '', kind: 'anonymous' },
      action: action ?? `${request.method} ${url}`,
      where: { address: request.ip ?? '', route: `${request.method} ${url}`, requestId: String(request.id) },
      outcome: isDenied ? 'denied' : reply.statusCode < 400 ? 'allowed' : 'failed',
      reason: request.failure,
    })
  }

  app.setErrorHandler(fail)
  const page = await servePages(app, options.staticDir)
  app.setNotFoundHandler(
    (request, reply) => page?.(request, reply) ?? fail(new AppError('resource.not_found'), request, reply),
  )

  const routes: Route[] = [
    ...options.routes,
    demoSessionRoute(tokens, config.isDemo ? options.demoPrincipal : undefined),
    ...healthRoutes(options.checks, timers, config.isDemo),
    route({
      method: 'GET',
      path: '/openapi.json',
      permission: config.isDemo ? 'public' : 'docs:read',
      rate: 'read',
      summary: 'This document',
      responses: { 200: z.record(z.string(), z.unknown()) },
      handle: () => ok(openApi as Record<string, unknown>),
    }),
  ]
  const openApi = openApiOf(routes, { version: options.version ?? '0.0.0' })
  const guards = await rateGuards(app, config.isDemo)
  const idempotency = createIdempotency(options.db, clock)
  for (const entry of routes) {
    const { permission } = entry
    app.route({
      method: entry.method,
      url: entry.path,
      schema: schemaOf(entry),
      config: { audit: entry.audit },
      ...(entry.bodyBytesMax === undefined ? {} : { bodyLimit: entry.bodyBytesMax }),
      onRequest: async request => {
        await guards.byAddress(request, entry.rate)
        if (permission === 'public') return
        authorize(await authenticate(request, tokens), permission)
        await guards.byPrincipal(request, entry.rate)
      },
      handler: handlerOf(entry, options.deps, idempotency),
    })
  }
  await serveDocs(
    app,
    openApi,
    config.isDemo ? undefined : async request => authorize(await authenticate(request, tokens), 'docs:read'),
  )
  sockets?.attach(app.server, headers => origins.allows(headers))
  await app.ready()

  let closed: Promise<void> | undefined
  return {
    routes,
    openApi,
    inject: app.inject.bind(app) as FastifyInstance['inject'],
    async listen() {
      try {
        await app.listen({ host: config.host, port: config.port })
      } catch (error) {
        throw portFailure(error, 'BOURSE_PORT', config.host, config.port) ?? error
      }
      port = (app.server.address() as AddressInfo).port
      const host = config.host.includes(':') ? `[${config.host}]` : config.host
      return { port, origin: config.publicOrigin ?? `http://${host}:${port}` }
    },
    close(timeoutMs = CLOSE_TIMEOUT_MS) {
      isClosing = true
      closed ??= (async () => {
        await sockets?.close()
        const cut = timers.after(timeoutMs, () => app.server.closeAllConnections())
        await app.close()
        cut.cancel()
      })()
      return closed
    },
  }
}

/** Refuses unknown fields everywhere: also in the query, and in the body of a route that takes none. */
function schemaOf(entry: Route) {
  for (const part of ['params', 'query', 'body'] as const) {
    const schema = entry[part]
    if (schema) assertStrict(schema, `${part} of ${entry.method} ${entry.path}`)
  }
  assert(entry.params !== undefined || !entry.path.includes(':'), `${entry.path} has parameters without a schema`)
  const nothing = z.strictObject({})
  return {
    ...(entry.params ? { params: entry.params } : {}),
    querystring: entry.query ?? nothing,
    ...(entry.method === 'GET' ? {} : { body: entry.body ?? nothing.nullish() }),
    response: Object.fromEntries(Object.entries(entry.responses).filter(([status]) => status !== '204')),
  }
}

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/

function handlerOf(entry: Route, deps: RouteDeps, idempotency: Idempotency): RouteHandlerMethod {
  return async (request, reply) => {
    const { params, query, body, principal } = request as FastifyRequest & Record<'params' | 'query' | 'body', never>
    const traceparent = request.headers.traceparent
    const trace = typeof traceparent === 'string' ? (TRACEPARENT.exec(traceparent)?.[1] ?? null) : null
    const call = async () => {
      const asked = {
        params,
        query,
        body,
        principal: principal as never,
        requestId: String(request.id),
        trace,
        ip: request.ip,
      }
      const answer = (await entry.handle(asked, deps)) as { status: number; body: unknown; type?: string }
      return { status: answer.status, body: await answer.body, type: answer.type }
    }
    const key = request.headers['idempotency-key']
    if (!entry.idempotent || key === undefined || !principal) {
      const answer = await call()
      if (answer.type !== undefined) reply.header('content-type', answer.type).serializer(String)
      return reply.code(answer.status).send(answer.body)
    }
    const fingerprint = [entry.method, entry.path, params ?? null, query ?? null, body ?? null]
    const stored = await idempotency.once(principal, String(key), fingerprint, async () => {
      const { status, body } = await call()
      const schema = entry.responses[status]
      assert(schema, `${entry.path} declares no answer ${status}`)
      return { status, text: status === 204 ? '' : JSON.stringify(schema.parse(body)) }
    })
    reply.code(stored.status)
    if (stored.status === 204) return reply.send()
    return reply.header('content-type', 'application/json; charset=utf-8').serializer(String).send(stored.text)
  }
}

/** What is not HTTP, or arrives too slowly, never reaches a route. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'request.too_large' : 'request.invalid'
  const failure = new AppError(code)
  const status = { 'request.too_large': '431 Request Header Fields Too Large', 'request.invalid': '400 Bad Request' }[
    code
  ]
  const text = JSON.stringify(problemOf(failure, '', ''))
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}
