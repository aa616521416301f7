import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import type { AccountHost, StreamSession } from '../port/index.ts'
import type { InstrumentBook } from './instruments.ts'

/**
 * One life of a venue's private socket. What all venues share is here: pings, silence, frames that are not JSON. A venue says
 * how it logs in (`open`), when a silent line is dead (`silentAfterMs`), what it is pinged with where it wants that
 * (`pingEveryMs`, `ping`), and what a frame means (`read`). `Login` is what it logs in with.
 *
 * What a frame tells goes to the host once the whole frame has been read: one that cannot be read says nothing and ends the
 * connection, and what the host throws is the host's own.
 */
export abstract class AccountSession<Frame, Login> implements StreamSession {
  protected readonly instruments: InstrumentBook
  protected readonly host: AccountHost
  protected readonly login: Login
  /** Nothing at all heard for so long means that the connection is dead. */
  protected abstract readonly silentAfterMs: number
  /** How often the venue wants to be pinged; null where it needs none. */
  protected readonly pingEveryMs: number | null = null
  /** A frame that is no JSON and means nothing but life. */
  protected readonly pong: string | null = null
  /** What the frame that is being read tells; null between frames. */
  #told: (() => void)[] | null = null
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(instruments: InstrumentBook, host: AccountHost, login: Login) {
    this.instruments = instruments
    this.host = {
      send: frame => this.#tell(() => host.send(frame)),
      onReady: at => this.#tell(() => host.onReady(at)),
      fail: reason => this.#tell(() => host.fail(reason)),
      onOrder: order => this.#tell(() => host.onOrder(order)),
      onFill: fill => this.#tell(() => host.onFill(fill)),
      requestFills: order => this.#tell(() => host.requestFills(order)),
      onBalance: (change, at) => this.#tell(() => host.onBalance(change, at)),
      onRefused: (what, order, reason, at) => this.#tell(() => host.onRefused(what, order, reason, at)),
    }
    this.login = login
  }

  /** Log in, subscribe. */
  protected abstract open(): void
  /** One frame, as JSON gives it; what it throws says that the frame cannot be read. */
  protected abstract read(frame: Frame, at: Micros): void
  protected ping(): void {}

  onOpen(at: Micros): void {
    this.#heardAt = at
    this.#pingedAt = at
    this.open()
  }

  onTick(at: Micros): void {
    if (at - this.#heardAt > this.silentAfterMs * MICROS_PER_MS) this.host.fail('silent')
    else if (this.pingEveryMs !== null && at - this.#pingedAt >= this.pingEveryMs * MICROS_PER_MS) {
      this.#pingedAt = at
      this.ping()
    }
  }

  onFrame(frame: string | Uint8Array, at: Micros): void {
    this.#heardAt = at
    const text = String(frame)
    if (text === this.pong) return
    let parsed: Frame
    try {
      parsed = JSON.parse(text) as Frame
    } catch {
      this.host.fail('a frame is not JSON')
      return
    }
    const told: (() => void)[] = []
    this.#told = told
    try {
      this.read(parsed, at)
    } catch (error) {
      this.#told = null
      this.host.fail(`a frame cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      return
    }
    this.#told = null
    for (const tell of told) tell()
  }

  #tell(tell: () => void): void {
    if (this.#told === null) tell()
    else this.#told.push(tell)
  }

  protected send(message: unknown): void {
    this.host.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
}
