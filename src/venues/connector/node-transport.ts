import { Agent, request as send } from 'undici'
import WebSocket from 'ws'
import type { Timers } from '../../kernel/index.ts'
import {
  type ClientSocket,
  type HttpRequest,
  type HttpResponse,
  type SocketEvents,
  type Transport,
  TransportError,
} from '../port/index.ts'

const CONNECTIONS_PER_HOST_MAX = 8
const CONNECT_TIMEOUT_MS = 5_000
const KEEP_ALIVE_MS = 30_000
/** An answer or frame larger than this is refused: the largest that venues send, their tables of markets, have some MB. */
const ANSWER_BYTES_MAX = 64 * 1_024 * 1_024
const FRAME_BYTES_MAX = 8 * 1_024 * 1_024

/** Failures of undici that come before any byte of a request was written. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
])

export interface NodeTransport extends Transport {
  close(): Promise<void>
}

/** Real HTTP and WebSocket. Connections are kept open; nothing is retried and no redirect is followed. */
export function nodeTransport(timers: Timers): NodeTransport {
  const agent = new Agent({
    connections: CONNECTIONS_PER_HOST_MAX,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
    pipelining: 1,
  })
  return {
    fetch: request => fetchOnce(agent, timers, request),
    connect: (url, events) => connect(url, events),
    close: () => agent.destroy(),
  }
}

async function fetchOnce(agent: Agent, timers: Timers, request: HttpRequest): Promise<HttpResponse> {
  const controller = new AbortController()
  const timer = timers.after(request.timeoutMs, () => controller.abort())
  try {
    const { statusCode, headers, body } = await send(request.url, {
      method: request.method as 'GET',
      headers: request.headers as Record<string, string>,
      body: request.body ?? null,
      dispatcher: agent,
      signal: controller.signal,
    })
    return { status: statusCode, headers: lowerCased(headers), body: await body.text() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const isLate = controller.signal.aborted
    throw new TransportError(isLate ? `no answer within ${request.timeoutMs} ms` : code || messageOf(error), {
      isSent: isLate || !UNSENT.has(code),
      cause: error,
    })
  } finally {
    timer.cancel()
  }
}

function lowerCased(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}

function connect(url: string, events: SocketEvents): ClientSocket {
  const socket = new WebSocket(url, {
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  })
  let isClosed = false
  const close = (reason: string) => {
    if (isClosed) return
    isClosed = true
    events.onClose(reason)
  }
  socket.on('open', () => events.onOpen())
  socket.on('message', (data, isBinary) => {
    if (!isClosed) events.onFrame(isBinary ? (data as Buffer) : String(data))
  })
  socket.on('error', error => close(messageOf(error)))
  socket.on('close', (code, reason) => close(`closed with ${code}${reason.length > 0 ? ` ${reason}` : ''}`))
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    close() {
      close('closed by us')
      socket.terminate()
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
