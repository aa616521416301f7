import type { WebSocket } from 'ws'
import {
  AppError,
  assert,
  type Clock,
  ERRORS,
  type ErrorCode,
  MICROS_PER_MS,
  type Micros,
  type Principal,
} from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'
import type { ServerMessage } from './protocol.ts'
import { type Stretch, Waiting } from './subscription.ts'
import { CLOSE, type SocketLimits, type Topic } from './topic.ts'

const DETAIL_LENGTH_MAX = 300

/** One subscription of one connection. `sequence` counts its messages. */
interface Subscription {
  readonly name: string
  readonly topic: Topic
  readonly waiting: Waiting
  sequence: number
  /** A snapshot is being made. */
  isLoading: boolean
}

/** One reader: what it subscribes to, and how much may wait for it. */
export class Connection {
  readonly address: string
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #limits: SocketLimits
  readonly #log: Log
  readonly #leave: (topic: string) => void
  readonly #subscriptions = new Map<string, Subscription>()
  #principal: Principal | undefined
  #expiresAt: Micros = 0
  #slowSince: Micros | undefined
  #heardAt: Micros
  #allowance: number
  #allowanceAt: Micros

  constructor(
    socket: WebSocket,
    address: string,
    ports: {
      clock: Clock
      limits: SocketLimits
      log: Log
      /** Ends a subscription whose snapshot failed. */
      leave: (connection: Connection, topic: string) => void
    },
  ) {
    this.#socket = socket
    this.address = address
    this.#clock = ports.clock
    this.#limits = ports.limits
    this.#log = ports.log
    this.#leave = topic => ports.leave(this, topic)
    this.#heardAt = ports.clock.now()
    this.#allowance = ports.limits.messagesBurst
    this.#allowanceAt = this.#heardAt
  }

  get principal(): Principal | undefined {
    return this.#principal
  }

  get topics(): Iterable<string> {
    return this.#subscriptions.keys()
  }

  has(topic: string): boolean {
    return this.#subscriptions.has(topic)
  }

  /** Entries and parts that wait here, over all subscriptions: for tests of the bounds. */
  get waitingCount(): number {
    let count = 0
    for (const { waiting } of this.#subscriptions.values()) count += waiting.size
    return count
  }

  /** False when the reader is over its rate: a bucket that refills with time. */
  takeMessage(): boolean {
    const now = this.#clock.now()
    this.#heardAt = now
    const refill = ((now - this.#allowanceAt) / MICROS_PER_MS / 1_000) * this.#limits.messagesPerSecond
    this.#allowance = Math.min(this.#limits.messagesBurst, this.#allowance + refill)
    this.#allowanceAt = now
    if (this.#allowance < 1) return false
    this.#allowance--
    return true
  }

  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  /** Signs in, or renews. A connection stays with whom it began. Gives the topics that are no longer allowed. */
  signIn(principal: Principal, expiresAt: Micros): string[] {
    const before = this.#principal
    if (before && (before.id !== principal.id || before.tenant !== principal.tenant))
      throw new AppError('auth.token_invalid')
    this.#principal = principal
    this.#expiresAt = expiresAt
    return [...this.#subscriptions.values()]
      .filter(({ topic }) => !principal.permissions.has(topic.permission))
      .map(({ name }) => name)
  }

  subscribe(name: string, topic: Topic): void {
    if (this.#subscriptions.size >= this.#limits.subscriptionsMax)
      throw new AppError('request.invalid', { rule: `at most ${this.#limits.subscriptionsMax} subscriptions` })
    const waiting = new Waiting(topic, this.#limits.logWaitingMax, this.#limits.keysWaitingMax)
    const subscription = { name, topic, waiting, sequence: 0, isLoading: false }
    this.#subscriptions.set(name, subscription)
    if (!this.#isSlow()) void this.#snapshot(subscription)
  }

  unsubscribe(name: string): void {
    const subscription = this.#subscriptions.get(name)
    if (!subscription) return
    this.#subscriptions.delete(name)
    try {
      subscription.topic.onLeave?.(subscription)
    } catch (error) {
      this.#log.error({ topic: name, error }, 'the end of a subscription was not taken up')
    }
  }

  /** Gives a stretch to one subscription: sent when the reader keeps up, kept within its bound when not. */
  offer(name: string, stretch: Stretch, json: string): void {
    const subscription = this.#subscriptions.get(name)
    if (!subscription) return
    if (subscription.isLoading || !subscription.waiting.isEmpty || this.#isSlow()) subscription.waiting.add(stretch)
    else this.#sendData('update', subscription, json)
  }

  /** Called at every flush: gives a reader that has caught up what waits for it, and cuts one that never does. */
  catchUp(): void {
    if (this.#isSlow()) {
      if (this.#clock.now() - this.#slowSince! > this.#limits.stalledMs * MICROS_PER_MS) {
        this.#log.warn({ address: this.address }, 'a reader that took nothing for too long was cut')
        this.#socket.terminate()
      }
      return
    }
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.isLoading || subscription.waiting.isEmpty) continue
      if (this.#isSlow()) return
      if (subscription.waiting.needsSnapshot) void this.#snapshot(subscription)
      else this.#sendWaiting(subscription)
    }
  }

  /** Called at every heartbeat: tells the time, and closes what has expired or gone silent. */
  beat(): void {
    const now = this.#clock.now()
    const isExpired = this.#principal && now > this.#expiresAt + this.#limits.expiryGraceMs * MICROS_PER_MS
    if (isExpired) this.refuse(new AppError('auth.token_expired'), CLOSE.signIn)
    else if (now - this.#heardAt > this.#silenceMs() * MICROS_PER_MS) this.#socket.terminate()
    else if (!this.#isSlow()) {
      this.#socket.ping()
      if (this.#principal) this.send({ type: 'heartbeat', now })
    }
  }

  #silenceMs(): number {
    let silenceMs: number = this.#limits.stalledMs
    for (const { topic } of this.#subscriptions.values())
      silenceMs = Math.min(silenceMs, topic.silenceMs ?? Number.POSITIVE_INFINITY)
    return silenceMs
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  /** Tells an error and, with a code, closes. */
  refuse(error: unknown, closeCode?: number, topic?: string): void {
    const code: ErrorCode = error instanceof AppError && error.status < 500 ? error.code : 'internal.error'
    const detail = code === 'internal.error' ? ERRORS[code].message : (error as AppError).message
    this.send({
      type: 'error',
      code,
      detail: detail.slice(0, DETAIL_LENGTH_MAX),
      ...(topic === undefined ? {} : { topic }),
    })
    if (closeCode !== undefined) this.#socket.close(closeCode, code)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #isSlow(): boolean {
    const isSlow = this.#socket.bufferedAmount > this.#limits.slowBytes
    if (!isSlow) this.#slowSince = undefined
    else this.#slowSince ??= this.#clock.now()
    return isSlow
  }

  async #snapshot(subscription: Subscription): Promise<void> {
    const { name, topic, waiting } = subscription
    const principal = this.#principal
    assert(principal, 'who subscribes has signed in')
    const missed = waiting.restart()
    if (missed > 0) this.send({ type: 'resync', topic: name, sequence: ++subscription.sequence, missed })
    subscription.isLoading = true
    try {
      const made = topic.snapshot(principal, name, subscription)
      const data = made instanceof Promise ? await made : made
      if (this.#subscriptions.get(name) !== subscription) return
      this.#sendData('snapshot', subscription, JSON.stringify(data ?? null))
    } catch (error) {
      if (this.#subscriptions.get(name) !== subscription) return
      this.#log.warn({ topic: name, error }, 'a snapshot failed')
      this.#leave(name)
      this.refuse(error, undefined, name)
    } finally {
      subscription.isLoading = false
    }
    if (!this.#isSlow() && !waiting.needsSnapshot) this.#sendWaiting(subscription)
  }

  #sendWaiting(subscription: Subscription): void {
    const data = subscription.waiting.take()
    if (data !== undefined) this.#sendData('update', subscription, JSON.stringify(data))
  }

  /** The data are encoded once for all readers; only the envelope is each one's own. */
  #sendData(type: 'snapshot' | 'update', subscription: Subscription, json: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const envelope = JSON.stringify({
      type,
      topic: subscription.name,
      sequence: ++subscription.sequence,
      at: this.#clock.now(),
    })
    this.#socket.send(`${envelope.slice(0, -1)},"data":${json}}`)
  }
}
