import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach } from 'vitest'
import { WebSocket } from 'ws'
import type { Principal } from '../../kernel/index.ts'
import type { AuditEntry } from '../events/audit-recorded.ts'
import { silentLog } from '../log/log.ts'
import { systemIds } from '../system.ts'
import { eventually, freshTenant, type ManualTime, manualTime } from '../testing.ts'
import { ephemeralSigningKey } from '../tokens/signing-key.ts'
import { createTokens, type Tokens } from '../tokens/tokens.ts'
import { createSocketHub, type SocketHub } from './hub.ts'
import type { ServerMessage } from './protocol.ts'
import type { SocketLimits } from './topic.ts'

/** For tests only: a hub on a server of its own, with time that only moves when told to, and readers that connect to it. */

export let time: ManualTime
export let tokens: Tokens
export let hub: SocketHub
let http: Server | undefined
let url: string
let sockets: WebSocket[]
export let audited: AuditEntry[]

/** Opens a hub; one that is open is closed first. */
export async function open(limits: Partial<SocketLimits> = {}) {
  await close()
  time = manualTime()
  audited = []
  tokens = createTokens({ key: ephemeralSigningKey(), clock: time.clock, ids: systemIds() })
  hub = createSocketHub({
    tokens,
    clock: time.clock,
    timers: time.timers,
    log: silentLog,
    limits,
    audit: entry => void audited.push(entry),
  })
  const server = createServer()
  http = server
  hub.attach(server, ({ origin }) => origin === undefined || origin === 'http://own.example')
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`
}

async function close() {
  await hub?.close()
  if (http === undefined) return
  http.closeAllConnections()
  http.close()
}

/** A fresh hub for each test of a file. */
export function useHub(): void {
  beforeEach(async () => {
    sockets = []
    await open()
  })
  afterEach(async () => {
    for (const socket of sockets) socket.terminate()
    await close()
  })
}

export const reader = (
  tenant = freshTenant(),
  permissions: Principal['permissions'] = new Set(['market:read', 'orders:read']),
): Principal => ({
  id: 'p',
  name: 'Ada',
  kind: 'person',
  tenant,
  permissions,
})

export interface Client {
  readonly socket: WebSocket
  readonly got: ServerMessage[]
  readonly closed: Promise<{ code: number }>
  send(message: object | string): void
  wait(claim: (message: ServerMessage) => boolean): Promise<ServerMessage>
  data(topic: string): unknown[]
}

export async function connect(
  principal: Principal | null = reader(),
  options: { origin?: string } = {},
): Promise<Client> {
  const socket = new WebSocket(url, { origin: options.origin })
  sockets.push(socket)
  const got: ServerMessage[] = []
  socket.on('message', data => void got.push(JSON.parse(data.toString())))
  socket.on('error', () => {})
  const closed = new Promise<{ code: number }>(resolve => socket.on('close', code => resolve({ code })))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const client: Client = {
    socket,
    got,
    closed,
    send: message => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    wait: claim => eventually(() => got.find(claim)),
    data: topic => got.flatMap(message => (message.type === 'update' && message.topic === topic ? [message.data] : [])),
  }
  if (principal) {
    client.send({ type: 'auth', token: (await tokens.issue(principal)).token })
    await client.wait(message => message.type === 'ready')
  }
  return client
}

export async function subscribe(client: Client, topic: string): Promise<void> {
  client.send({ type: 'subscribe', topic })
  await client.wait(message => message.type === 'snapshot' && message.topic === topic)
}
