import type { ClientMessage, ServerMessage } from '../contract.ts'
import { waitBefore } from './backoff.ts'
import { Conflator } from './conflate.ts'
import type { Connection, FromWorker, ToWorker } from './messages.ts'

/** The one socket of the page: decodes and conflates off the main thread, and delivers at most once a frame. */
const FRAME_MS = 16
/** Often enough that a book in which nothing happens does not count as stale. */
const PING_EVERY_MS = 4_000
/** No frame of any kind for so long: the line is dead even if nobody said so. */
const SILENCE_MAX_MS = 15_000

const scope = self as unknown as {
  postMessage(message: FromWorker): void
  onmessage: (event: MessageEvent<ToWorker>) => void
}
const post = (message: FromWorker): void => scope.postMessage(message)

const conflator = new Conflator()
const topics = new Set<string>()
let url = ''
let socket: WebSocket | undefined
let ready = false
let everOpen = false
let visible = true
let attempt = 0
let lostAt = 0
let heardAt = 0
let retryTimer: ReturnType<typeof setTimeout> | undefined
let frameTimer: ReturnType<typeof setTimeout> | undefined
let pingId = 0
const pings = new Map<number, number>()

const tell = (connection: Connection): void => post({ type: 'connection', connection })
const send = (message: ClientMessage): void => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
}

function schedule(): void {
  if (frameTimer !== undefined || !visible) return
  frameTimer = setTimeout(() => {
    frameTimer = undefined
    const entries = conflator.take(performance.now())
    if (entries.length > 0) post({ type: 'batch', entries })
    if (conflator.waiting) schedule()
  }, FRAME_MS)
}

function connect(): void {
  clearTimeout(retryTimer)
  retryTimer = undefined
  if (socket) return
  attempt++
  tell({ phase: 'connecting', attempt })
  post({ type: 'need-token' })
}

function open(token: string): void {
  if (socket) return
  const opened = new WebSocket(url)
  socket = opened
  heardAt = Date.now()
  opened.onopen = () => send({ type: 'auth', token })
  opened.onmessage = event => receive(JSON.parse(String(event.data)) as ServerMessage)
  opened.onclose = () => lost(opened)
}

function lost(which: WebSocket | undefined): void {
  if (which !== socket) return
  socket = undefined
  pings.clear()
  if (ready || lostAt === 0) lostAt = Date.now()
  ready = false
  const retryAt = Date.now() + waitBefore(attempt, Math.random())
  tell({ phase: 'waiting', attempt, retryAt, lostAt })
  clearTimeout(retryTimer)
  retryTimer = setTimeout(connect, retryAt - Date.now())
}

function beat(now: number, latencyMs?: number): void {
  const local = Date.now()
  const offsetMs = now / 1_000 + (latencyMs ?? 0) / 2 - local
  post({ type: 'pulse', offsetMs, beatAt: local, ...(latencyMs === undefined ? {} : { latencyMs }) })
}

/** Asks for a topic from the beginning. */
function readAfresh(topic: string): void {
  conflator.forget(topic)
  if (!ready) return
  send({ type: 'unsubscribe', topic })
  send({ type: 'subscribe', topic })
}

function receive(message: ServerMessage): void {
  heardAt = Date.now()
  switch (message.type) {
    case 'ready':
      beat(message.now)
      if (ready) return
      ready = true
      attempt = 0
      tell({ phase: 'open', reconnected: everOpen })
      everOpen = true
      lostAt = 0
      for (const topic of topics) send({ type: 'subscribe', topic })
      ping()
      return
    case 'snapshot':
      conflator.snapshot(message.topic, message.data, message.at)
      return void schedule()
    case 'update':
      if (!conflator.update(message.topic, message.data, message.at)) {
        const count = conflator.forget(message.topic)
        if (count > 0) post({ type: 'missed', topic: message.topic, count })
        readAfresh(message.topic)
      }
      return void schedule()
    case 'resync':
      post({ type: 'missed', topic: message.topic, count: message.missed })
      return
    case 'pong': {
      const sentAt = pings.get(message.id)
      pings.delete(message.id)
      if (sentAt !== undefined) beat(message.now, performance.now() - sentAt)
      return
    }
    case 'heartbeat':
      return void beat(message.now)
    case 'error':
      post({
        type: 'refused',
        code: message.code,
        detail: message.detail,
        ...(message.topic ? { topic: message.topic } : {}),
      })
      return
    case 'unsubscribed':
      return
  }
}

function ping(): void {
  if (!ready) return
  pingId++
  pings.set(pingId, performance.now())
  send({ type: 'ping', id: pingId })
}

setInterval(() => {
  if (!socket) return
  if (Date.now() - heardAt > SILENCE_MAX_MS) {
    const dead = socket
    dead.onclose = null
    dead.close()
    lost(dead)
  } else ping()
}, PING_EVERY_MS)

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case 'start':
      url = data.url
      return void connect()
    case 'renewed':
      return void send({ type: 'auth', token: data.token })
    case 'token':
      return void open(data.token)
    case 'no-token':
      return void lost(undefined)
    case 'subscribe':
      topics.add(data.topic)
      if (ready) send({ type: 'subscribe', topic: data.topic })
      return
    case 'unsubscribe':
      topics.delete(data.topic)
      conflator.forget(data.topic)
      if (ready) send({ type: 'unsubscribe', topic: data.topic })
      return
    case 'afresh':
      return void readAfresh(data.topic)
    case 'visible':
      visible = data.visible
      if (visible) schedule()
      return
    case 'slow':
      return void conflator.setSlow(data.slow)
    case 'retry':
      return void connect()
  }
}
