import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, WebSocketServer } from 'ws'
import { type Clock, MICROS_PER_SECOND, type Micros, type Timers } from '../../../src/kernel/index.ts'
import type { SimulatedRequest } from './protocol.ts'
import type { VenueSimulator } from './simulator.ts'
import type { SimulatorStore } from './store.ts'

const TICK_MS = 50
/** The market is saved this often when nothing of a client's changes. */
const SAVE_MS = 60_000
const SAVE_AGAIN: Micros = MICROS_PER_SECOND
/** Frames and answers that wait for a disk which refuses; past it they are dropped, and clients come back and ask. */
const LEAVING_MAX = 10_000
const BODY_BYTES_MAX = 1_024 * 1_024
const FRAME_BYTES_MAX = 1_024 * 1_024

export interface ServedVenue {
  readonly port: number
  /** Base addresses: each of the venue's hosts is under `/@<host>`. */
  readonly rest: string
  readonly ws: string
  close(): Promise<void>
}

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly clock: Clock
  readonly timers: Timers
  /** Told when the simulator breaks on what a client sent; without it the error is nobody's and ends the process. */
  readonly onError?: (error: unknown) => void
  /** Whatever tells a client of a change is sent after the change has been saved here. */
  readonly store?: SimulatorStore
}

/** Puts a simulated venue on one port of this machine, over HTTP and WebSocket, in real time. */
export async function serve(
  simulator: VenueSimulator,
  { port, clock, timers, onError, store }: ServeOptions,
): Promise<ServedVenue> {
  const advance = () => simulator.advance(clock.now())
  /** What waits to be sent until what it tells is saved. */
  const leaving: (() => void)[] = []
  /** After a disk has refused. */
  let savableAt: Micros = 0
  const save = () => {
    savableAt = clock.now() + SAVE_AGAIN
    store?.save(simulator.text())
    savableAt = 0
    simulator.isUnsaved = false
  }
  const settle = () => {
    if (leaving.length > LEAVING_MAX) {
      leaving.length = 0
      for (const socket of sockets.clients) socket.terminate()
    }
    if (simulator.isUnsaved) {
      if (clock.now() < savableAt) return
      save()
    }
    while (leaving.length > 0) leaving.shift()!()
  }
  /** What a client sends may break a simulator, but not the process that others use too. */
  const guarded = (work: () => void, broken: () => void) => {
    try {
      work()
      settle()
    } catch (error) {
      if (onError === undefined) throw error
      onError(error)
      broken()
    }
  }
  const respond = (request: IncomingMessage, response: ServerResponse, body: string) => {
    advance()
    const { answer, delayMs } = simulator.request(toRequest(request, body))
    const finish = () => {
      if (answer === null) request.socket.destroy()
      else if (!response.headersSent) response.writeHead(answer.status, answer.headers).end(answer.body)
    }
    leaving.push(() => {
      if (delayMs > 0) timers.after(delayMs, finish)
      else finish()
    })
  }
  const http = createServer((request, response) => {
    readBody(request).then(
      body =>
        guarded(
          () => respond(request, response, body),
          () => response.writeHead(500).end(),
        ),
      error => refuse(response, error),
    )
  })
  const sockets = new WebSocketServer({ server: http, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false })
  // Errors of the port come here too, and are told by the HTTP server.
  sockets.on('error', () => {})
  sockets.on('connection', (socket, request) => {
    const end = () => socket.terminate()
    socket.on('error', end)
    guarded(() => {
      const { host, path, query } = addressOf(request.url ?? '/')
      const client = simulator.connect(
        { host, path, query },
        { send: frame => leaving.push(() => socket.send(frame)), close: () => leaving.push(end) },
      )
      socket.on('message', (data: RawData) =>
        guarded(() => {
          advance()
          client.onFrame(String(data))
        }, end),
      )
      socket.on('close', () => client.onClose())
    }, end)
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, '127.0.0.1', () => resolve())
  })
  const ticking = timers.every(TICK_MS, () => guarded(advance, () => {}))
  const saving = timers.every(SAVE_MS, () => guarded(save, () => {}))
  const { port: open } = http.address() as AddressInfo
  const addresses = { rest: `http://127.0.0.1:${open}`, ws: `ws://127.0.0.1:${open}` }
  simulator.addresses = addresses
  return {
    port: open,
    ...addresses,
    close: () =>
      new Promise(resolve => {
        ticking.cancel()
        saving.cancel()
        guarded(save, () => {})
        for (const socket of sockets.clients) socket.terminate()
        sockets.close()
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
}

/** `/@api.kraken.com/0/public/Time?x=1` → the host, the path and the query. */
export function addressOf(url: string): { host: string; path: string; query: URLSearchParams; rawQuery: string } {
  const match = /^\/@([^/?]+)([^?]*)(?:\?(.*))?$/s.exec(url)
  const [, host = '', path = '', rawQuery = ''] = match ?? []
  return { host, path: path === '' ? '/' : path, query: new URLSearchParams(rawQuery), rawQuery }
}

function toRequest(request: IncomingMessage, body: string): SimulatedRequest {
  const url = request.url ?? '/'
  return {
    method: request.method ?? 'GET',
    ...addressOf(url),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body,
    from: request.socket.remoteAddress ?? '',
    url: `http://${request.headers.host ?? ''}${url}`,
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return
  response.writeHead(413, { 'content-type': 'text/plain' }).end(String(error))
}
