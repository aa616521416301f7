import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import {
  AppError,
  assert,
  type Clock,
  ERRORS,
  type ErrorCode,
  PLATFORM_TENANT,
  type TenantId,
  type Timers,
} from '../../kernel/index.ts'
import type { AuditPort } from '../events/audit-recorded.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { Connection } from './connection.ts'
import { ClientMessage } from './protocol.ts'
import { CLOSE, SOCKET_LIMITS, type SocketLimits, type Topic } from './topic.ts'

const PATH = '/v1/stream'
const CLOSE_TIMEOUT_MS = 2_000
/** Log entries of one topic that are encoded together at most. */
const LOG_STRETCH_MAX = 500

export interface SocketHubOptions {
  readonly tokens: Tokens
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly audit?: AuditPort
  readonly metrics?: Metrics
  readonly limits?: Partial<SocketLimits>
}

/** The WebSocket side of the server; the protocol is `protocol.ts`. */
export interface SocketHub {
  /** Offers a kind of topic. */
  offer(topic: Topic): void
  /**
   * Publishes a datum, or a list of them, to those who subscribe to the topic in one tenant, or in all of them for what has
   * no tenant. Never waits: a slow reader costs a bounded amount of memory.
   */
  publish(tenant: TenantId | 'all', topic: string, data: unknown): void
  attach(server: Server, isAllowed: (headers: { host?: string; origin?: string }) => boolean): void
  connectionCount(): number
  /** Entries that wait for slow readers, over all connections. */
  waitingCount(): number
  /** Closes every connection with 1001. */
  close(): Promise<void>
}

/** Those who read one topic in one tenant, and what was published since the last flush. */
interface Channel {
  readonly name: string
  readonly topic: Topic
  readonly readers: Set<Connection>
  parts: Map<string | number, unknown>
  entries: unknown[]
}

export function createSocketHub(options: SocketHubOptions): SocketHub {
  const { tokens, clock, timers, log } = options
  const limits: SocketLimits = { ...SOCKET_LIMITS, ...options.limits }
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
  })
  const offered: Topic[] = []
  const connections = new Set<Connection>()
  const channels = new Map<string, Map<TenantId, Channel>>()
  const dirty = new Set<Channel>()
  let isLogFlushQueued = false
  let isClosing = false
  let onEmpty: () => void = () => {}
  const ticking = [
    timers.every(limits.flushMs, () => {
      flush('state')
      for (const connection of connections) connection.catchUp()
    }),
    timers.every(limits.heartbeatMs, () => {
      for (const connection of connections) connection.beat()
    }),
  ]

  function flush(kind: Topic['kind']): void {
    for (const channel of dirty) if (channel.topic.kind === kind) flushChannel(channel)
  }

  function flushChannel(channel: Channel): void {
    dirty.delete(channel)
    const { name, topic, parts, entries } = channel
    channel.parts = new Map()
    channel.entries = []
    const stretch = topic.kind === 'log' ? entries : parts
    const data = topic.kind === 'log' ? entries : topic.key ? [...parts.values()] : parts.get('')
    const json = JSON.stringify(data)
    for (const reader of channel.readers) reader.offer(name, stretch, json)
  }

  function collect(channel: Channel, data: unknown): void {
    const { topic } = channel
    dirty.add(channel)
    if (topic.kind === 'log') {
      for (const entry of Array.isArray(data) ? data : [data]) {
        channel.entries.push(entry)
        if (channel.entries.length >= LOG_STRETCH_MAX) flushChannel(channel)
      }
      queueLogFlush()
    } else if (topic.key) {
      for (const part of Array.isArray(data) ? data : [data]) channel.parts.set(topic.key(part as never), part)
      assert(channel.parts.size <= limits.keysWaitingMax * 10, `${channel.name} has a bounded number of parts`)
    } else channel.parts.set('', data)
  }

  /** Facts go out at once; those of the same turn go together. */
  function queueLogFlush(): void {
    if (isLogFlushQueued) return
    isLogFlushQueued = true
    queueMicrotask(() => {
      isLogFlushQueued = false
      flush('log')
    })
  }

  function subscribe(connection: Connection, name: string): void {
    const { principal } = connection
    const topic = offered.find(entry => entry.match(name))
    // Whether a topic exists is not told to those who may not read it.
    if (!topic || !principal?.permissions.has(topic.permission))
      throw new AppError(topic ? 'permission.denied' : 'resource.not_found', { field: 'topic' })
    if (connection.has(name)) return
    const tenants = channels.get(name) ?? new Map<TenantId, Channel>()
    channels.set(name, tenants)
    const channel = tenants.get(principal.tenant) ?? { name, topic, readers: new Set(), parts: new Map(), entries: [] }
    tenants.set(principal.tenant, channel)
    // What was published before is in the snapshot; it must not follow it.
    if (dirty.has(channel)) flushChannel(channel)
    connection.subscribe(name, topic)
    channel.readers.add(connection)
  }

  function leave(connection: Connection, name: string): void {
    connection.unsubscribe(name)
    const tenants = channels.get(name)
    const tenant = connection.principal?.tenant
    const channel = tenant && tenants?.get(tenant)
    if (!tenants || !channel) return
    channel.readers.delete(connection)
    if (channel.readers.size > 0) return
    dirty.delete(channel)
    tenants.delete(tenant)
    if (tenants.size === 0) channels.delete(name)
  }

  async function signIn(connection: Connection, token: string): Promise<void> {
    try {
      const { principal, expiresAt } = await tokens.verify(token)
      for (const name of connection.signIn(principal, expiresAt)) {
        leave(connection, name)
        connection.send({ type: 'unsubscribed', topic: name })
      }
      const { id, name, permissions } = principal
      connection.send({ type: 'ready', principal: { id, name, permissions: [...permissions] }, now: clock.now() })
    } catch (error) {
      options.audit?.({
        tenant: PLATFORM_TENANT,
        at: clock.now(),
        who: { id: '', name: '', kind: 'anonymous' },
        action: 'stream.sign_in',
        where: { address: connection.address, route: `WS ${PATH}`, requestId: '' },
        outcome: 'denied',
        reason: error instanceof AppError ? error.code : 'internal.error',
      })
      connection.refuse(error, CLOSE.signIn)
    }
  }

  async function receive(connection: Connection, message: ClientMessage): Promise<void> {
    if (message.type === 'auth') await signIn(connection, message.token)
    else if (!connection.principal) connection.refuse(new AppError('auth.required'), CLOSE.signIn)
    else if (message.type === 'ping') connection.send({ type: 'pong', id: message.id, now: clock.now() })
    else if (message.type === 'subscribe') {
      try {
        subscribe(connection, message.topic)
      } catch (error) {
        connection.refuse(error, undefined, message.topic)
      }
    } else {
      leave(connection, message.topic)
      connection.send({ type: 'unsubscribed', topic: message.topic })
    }
  }

  function accept(socket: WebSocket, address: string): void {
    const connection = new Connection(socket, address, { clock, limits, log, leave })
    connections.add(connection)
    const deadline = timers.after(limits.authTimeoutMs, () => {
      if (!connection.principal) connection.refuse(new AppError('auth.required'), CLOSE.signIn)
    })
    // One message at a time: what follows a sign-in waits for it.
    let turn: Promise<void> = Promise.resolve()
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) return connection.close(CLOSE.unsupported, 'text only')
      if (!connection.takeMessage()) return connection.refuse(new AppError('request.rate_limited'), CLOSE.policy)
      const message = parse(data)
      if (!message)
        return connection.refuse(
          new AppError('request.invalid', { rule: 'is a message of the protocol' }),
          CLOSE.policy,
        )
      turn = turn
        .then(() => receive(connection, message))
        .catch(error => log.error({ error }, 'a socket message failed'))
    })
    socket.on('pong', () => connection.heard())
    socket.on('error', error => log.debug({ error, address }, 'a socket failed'))
    socket.on('close', () => {
      deadline.cancel()
      for (const name of [...connection.topics]) leave(connection, name)
      connections.delete(connection)
      if (connections.size === 0) onEmpty()
    })
  }

  function upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    isAllowed: Parameters<SocketHub['attach']>[1],
  ): void {
    socket.on('error', () => socket.destroy())
    const refuse = (code: ErrorCode) => {
      const { status, message } = ERRORS[code]
      const text = JSON.stringify({ type: `urn:bourse:problem:${code}`, title: message, status, code, detail: message })
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      )
    }
    const refusal = refusalOf(request, isAllowed)
    const address = request.socket.remoteAddress ?? ''
    if (refusal) refuse(refusal)
    else server.handleUpgrade(request, socket, head, accepted => accept(accepted, address))
  }

  function refusalOf(request: IncomingMessage, isAllowed: Parameters<SocketHub['attach']>[1]): ErrorCode | undefined {
    if ((request.url ?? '').split('?')[0] !== PATH) return 'resource.not_found'
    if (isClosing) return 'server.shutting_down'
    if (!isAllowed(request.headers)) return 'auth.origin_refused'
    return connections.size >= limits.connectionsMax ? 'socket.too_many' : undefined
  }

  const waitingCount = () => [...connections].reduce((sum, connection) => sum + connection.waitingCount, 0)
  options.metrics?.gauge('bourse_sockets', 'Open WebSocket connections', { collect: () => connections.size })
  options.metrics?.gauge('bourse_sockets_waiting', 'Entries that wait for slow readers', { collect: waitingCount })

  return {
    offer(topic) {
      offered.push(topic)
    },
    publish(tenant, name, data) {
      const tenants = channels.get(name)
      if (!tenants) return
      if (tenant === 'all') for (const channel of tenants.values()) collect(channel, data)
      else {
        const channel = tenants.get(tenant)
        if (channel) collect(channel, data)
      }
    },
    attach: (http, isAllowed) =>
      void http.on('upgrade', (request, socket, head) => upgrade(request, socket, head, isAllowed)),
    connectionCount: () => connections.size,
    waitingCount,
    async close() {
      isClosing = true
      for (const timer of ticking) timer.cancel()
      for (const connection of connections) connection.close(CLOSE.goingAway, 'the server is shutting down')
      if (connections.size === 0) return
      await new Promise<void>(resolve => {
        const cut = timers.after(CLOSE_TIMEOUT_MS, () => {
          for (const connection of connections) connection.terminate()
        })
        onEmpty = () => {
          cut.cancel()
          resolve()
        }
      })
    },
  }
}

function parse(data: RawData): ClientMessage | undefined {
  try {
    const parsed = ClientMessage.safeParse(JSON.parse(data.toString()))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
