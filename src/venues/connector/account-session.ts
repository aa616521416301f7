import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'
import type { AccountHost, StreamSession } from '../port/index.ts'
import type { InstrumentBook } from './instruments.ts'

/**
 * One life of a venue's private socket. What all venues share is here: pings, silence, frames that are not JSON. A venue says
 * how it logs in (`open`), when a silent line is dead (`silentAfterMs`), what it is pinged with where it wants that
 * (`pingEveryMs`, `ping`), and what a frame means (`read`). `Login` is what it logs in with.
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
  #heardAt: Micros = 0
  #pingedAt: Micros = 0

  constructor(instruments: InstrumentBook, host: AccountHost, login: Login) {
    this.instruments = instruments
    this.host = host
    this.login = login
  }

  /** Log in, subscribe. */
  protected abstract open(): void
  /** One frame, as JSON gives it. */
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
    this.read(parsed, at)
  }

  protected send(message: unknown): void {
    this.host.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
}
