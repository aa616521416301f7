import { currentToken, onRenewed } from '../session/session.ts'
import { setServerOffset } from '../show/clock.ts'
import { fold, GAP, unseen } from './folds.ts'
import { watchFrames } from './frames.ts'
import type { Connection, Entry, FromWorker, ToWorker } from './messages.ts'

/**
 * The page's side of the stream: topics are subscribed while somebody looks at them, folded when a batch arrives, and
 * all lookers are told together in one animation frame.
 */
export interface TopicState<T = unknown> {
  readonly data: T | undefined
  /** Server time of the newest part, microseconds. */
  readonly at: number
  readonly refused?: { readonly code: string; readonly detail: string }
}

export interface FeedStatus {
  readonly connection: Connection
  readonly latencyMs: number | undefined
  /** When the server was last heard to beat; milliseconds of our clock. */
  readonly beatAt: number | undefined
  /** Facts that came while the line was down, since the page was opened or the note was closed. */
  readonly missed: number
}

/** A page that changes keeps its topics this long, so that going back and forth asks for nothing. */
const LINGER_MS = 10_000
/** A topic whose parts do not fit together is read afresh at most this often. */
const AFRESH_EVERY_MS = 1_000
const NOTHING: TopicState = { data: undefined, at: 0 }

const topics = new Map<string, TopicState>()
const lookers = new Map<string, Set<() => void>>()
const lingering = new Map<string, ReturnType<typeof setTimeout>>()
const statusLookers = new Set<() => void>()
const changed = new Set<string>()
const readAfreshAt = new Map<string, number>()
let status: FeedStatus = {
  connection: { phase: 'connecting', attempt: 1 },
  latencyMs: undefined,
  beatAt: undefined,
  missed: 0,
}
let worker: Worker | undefined
let frame = 0
const frames = watchFrames(slow => send({ type: 'slow', slow }))

const send = (message: ToWorker): void => worker?.postMessage(message)

function setStatus(change: Partial<FeedStatus>): void {
  status = { ...status, ...change }
  for (const looker of statusLookers) looker()
}

function flush(): void {
  frame = 0
  const woken = new Set<() => void>()
  for (const topic of changed) for (const looker of lookers.get(topic) ?? []) woken.add(looker)
  changed.clear()
  for (const looker of woken) looker()
  frames.flushed()
}

function touch(topic: string): void {
  changed.add(topic)
  if (frame === 0) frame = requestAnimationFrame(flush)
}

function readAfresh(topic: string): void {
  const now = performance.now()
  if (now - (readAfreshAt.get(topic) ?? Number.NEGATIVE_INFINITY) < AFRESH_EVERY_MS) return
  readAfreshAt.set(topic, now)
  send({ type: 'afresh', topic })
}

function receive(entries: readonly Entry[]): void {
  let missed = 0
  for (const entry of entries) {
    const before = topics.get(entry.topic)
    const data = fold(before?.data, entry)
    if (data === GAP) {
      readAfresh(entry.topic)
      continue
    }
    if (entry.snapshot && before?.data !== undefined) missed += unseen(entry.topic, before.data, data)
    if (before !== undefined && before.data === data && !before.refused) continue
    topics.set(entry.topic, { data, at: entry.at })
    touch(entry.topic)
  }
  if (missed > 0) setStatus({ missed: status.missed + missed })
}

function hear({ data }: MessageEvent<FromWorker>): void {
  switch (data.type) {
    case 'need-token':
      currentToken().then(
        token => send({ type: 'token', token }),
        () => send({ type: 'no-token' }),
      )
      return
    case 'connection':
      return void setStatus({
        connection: data.connection,
        ...(data.connection.phase === 'open' ? {} : { latencyMs: undefined }),
      })
    case 'batch':
      return void receive(data.entries)
    case 'missed':
      return void setStatus({ missed: status.missed + data.count })
    case 'pulse':
      setServerOffset(data.offsetMs)
      return void setStatus({ beatAt: data.beatAt, latencyMs: data.latencyMs ?? status.latencyMs })
    case 'refused':
      if (data.topic === undefined) return
      topics.set(data.topic, {
        ...(topics.get(data.topic) ?? NOTHING),
        refused: { code: data.code, detail: data.detail },
      })
      return void touch(data.topic)
  }
}

export function startFeed(): void {
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'feed' })
  worker.onmessage = hear
  for (const topic of lookers.keys()) send({ type: 'subscribe', topic })
  send({ type: 'start', url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream` })
  onRenewed(token => send({ type: 'renewed', token }))
  document.addEventListener('visibilitychange', () =>
    send({ type: 'visible', visible: document.visibilityState === 'visible' }),
  )
}

export const retryNow = (): void => send({ type: 'retry' })
export const closeMissed = (): void => setStatus({ missed: 0 })
export const readTopic = (topic: string): TopicState => topics.get(topic) ?? NOTHING
export const readStatus = (): FeedStatus => status

export function lookAt(topic: string, looker: () => void): () => void {
  const present = lookers.get(topic)
  clearTimeout(lingering.get(topic))
  lingering.delete(topic)
  if (present) present.add(looker)
  else {
    lookers.set(topic, new Set([looker]))
    send({ type: 'subscribe', topic })
  }
  return () => {
    const set = lookers.get(topic)
    set?.delete(looker)
    if (set?.size !== 0) return
    lingering.set(
      topic,
      setTimeout(() => {
        lookers.delete(topic)
        lingering.delete(topic)
        topics.delete(topic)
        send({ type: 'unsubscribe', topic })
      }, LINGER_MS),
    )
  }
}

export const lookAtStatus = (looker: () => void): (() => void) => {
  statusLookers.add(looker)
  return () => statusLookers.delete(looker)
}
