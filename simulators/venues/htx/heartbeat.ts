import type { Micros } from '../../../src/kernel/index.ts'
import type { VenueSocket } from '../core/index.ts'

/** The venue pings; who leaves too many pings unanswered is cut off. */
export class Heartbeat {
  readonly #socket: VenueSocket
  readonly #every: Micros
  readonly #unansweredMax: number
  readonly #ping: (at: Micros) => void
  #pingedAt: Micros
  #unanswered = 0

  constructor(
    socket: VenueSocket,
    { start, every, unansweredMax }: { start: Micros; every: Micros; unansweredMax: number },
    ping: (at: Micros) => void,
  ) {
    this.#socket = socket
    this.#every = every
    this.#unansweredMax = unansweredMax
    this.#ping = ping
    this.#pingedAt = start
  }

  onPong(): void {
    this.#unanswered = 0
  }

  onTick(at: Micros): void {
    if (at - this.#pingedAt < this.#every) return
    if (this.#unanswered >= this.#unansweredMax) {
      this.#socket.close('ping without answer')
      return
    }
    this.#pingedAt = at
    this.#unanswered += 1
    this.#ping(at)
  }
}
