import type { Clock, Micros, Random, Timer, Timers } from '../../kernel/index.ts'
import type { ClientSocket, StreamHost, StreamSession, Transport } from '../port/index.ts'

const BACKOFF_MIN_MS = 250
const BACKOFF_MAX_MS = 30_000
/** A connection that was ready for so long has earned a quick retry. */
const STABLE_AFTER_MS = 20_000
/** From the wish to connect until everything is subscribed. */
const READY_WITHIN_MS = 20_000
const TICK_MS = 1_000

export type StreamState = 'closed' | 'connecting' | 'ready' | 'waiting'

export interface StreamStatus {
  readonly state: StreamState
  /** Why it last ended; null while it never did. */
  readonly reason: string | null
  readonly since: Micros
  /** How often it has connected again. */
  readonly reconnects: number
}

export interface StreamConnectionOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** Where to, and what is spoken there; asked anew for every connection. */
  readonly open: () => Promise<{ url: string; session: (host: StreamHost) => StreamSession }>
  readonly onState: (status: StreamStatus) => void
}

/**
 * Keeps one stream connected: connects, ticks its session, and after any end connects again, later each time and never
 * at the same moment as others (full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS 2015).
 */
export class StreamConnection {
  readonly #options: StreamConnectionOptions
  #status: StreamStatus
  #socket: ClientSocket | null = null
  #session: StreamSession | null = null
  #attempts = 0
  /** Which connection is the present one: what an earlier one still says is not heard. */
  #life = 0
  #timers: Timer[] = []

  constructor(options: StreamConnectionOptions) {
    this.#options = options
    this.#status = { state: 'closed', reason: null, since: options.clock.now(), reconnects: 0 }
  }

  get status(): StreamStatus {
    return this.#status
  }

  /** The session of the present connection; null between two. */
  get session(): StreamSession | null {
    return this.#session
  }

  start(): void {
    if (this.#status.state !== 'closed') return
    this.#connect()
  }

  close(): void {
    this.#drop()
    this.#set('closed', this.#status.reason)
  }

  /** Ends the present connection and opens another, as if it had broken. */
  reconnect(reason: string): void {
    if (this.#status.state === 'closed' || this.#status.state === 'waiting') return
    this.#end(this.#life, reason)
  }

  #connect(): void {
    this.#drop()
    const life = this.#life
    const { clock, timers, transport } = this.#options
    this.#set('connecting', this.#status.reason)
    this.#timers.push(
      timers.after(READY_WITHIN_MS, () => {
        if (this.#status.state === 'connecting') this.#end(life, `not ready within ${READY_WITHIN_MS} ms`)
      }),
    )
    this.#options.open().then(
      ({ url, session: create }) => {
        if (life !== this.#life) return
        const session = create({
          send: frame => {
            if (life === this.#life) this.#socket?.send(frame)
          },
          onReady: () => {
            if (life === this.#life && this.#status.state === 'connecting') this.#set('ready', this.#status.reason)
          },
          fail: reason => this.#end(life, reason),
        })
        this.#session = session
        this.#socket = transport.connect(url, {
          onOpen: () => {
            if (life !== this.#life) return
            session.onOpen(clock.now())
            this.#timers.push(timers.every(TICK_MS, () => session.onTick(clock.now())))
          },
          onFrame: frame => {
            if (life === this.#life) session.onFrame(frame, clock.now())
          },
          onClose: reason => this.#end(life, reason),
        })
      },
      error => this.#end(life, error instanceof Error ? error.message : String(error)),
    )
  }

  #end(life: number, reason: string): void {
    if (life !== this.#life) return
    const wasStable =
      this.#status.state === 'ready' && this.#options.clock.now() - this.#status.since > STABLE_AFTER_MS * 1_000
    this.#drop()
    this.#attempts = wasStable ? 0 : this.#attempts + 1
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(this.#attempts, 10))
    const delayMs = BACKOFF_MIN_MS + this.#options.random.next() * ceiling
    this.#status = { ...this.#status, reconnects: this.#status.reconnects + 1 }
    this.#set('waiting', reason)
    this.#timers.push(this.#options.timers.after(delayMs, () => this.#connect()))
  }

  #drop(): void {
    this.#life += 1
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
    const socket = this.#socket
    this.#socket = null
    this.#session = null
    socket?.close()
  }

  #set(state: StreamState, reason: string | null): void {
    this.#status = { state, reason, since: this.#options.clock.now(), reconnects: this.#status.reconnects }
    this.#options.onState(this.#status)
  }
}
