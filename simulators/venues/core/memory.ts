import type { Clock, Random, Timers } from '../../../src/kernel/index.ts'
import type { SimulatedAnswer } from './protocol.ts'
import { addressOf } from './serve.ts'
import type { VenueSimulator } from './simulator.ts'

/** A request as a client's transport gives it. */
interface ClientRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

interface ClientEvents {
  onOpen(): void
  onFrame(frame: string | Uint8Array): void
  onClose(reason: string): void
}

export interface MemoryNetworkOptions {
  /** By the host part of their base address: `http://kraken.sim/@api.kraken.com/…`. */
  readonly simulators: ReadonlyMap<string, VenueSimulator>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** One way, in milliseconds: at least, and up to so much more. */
  readonly latencyMs: number
  readonly jitterMs: number
  /** The error of a request that stayed without answer. */
  readonly failure: (message: string, isSent: boolean) => Error
}

/**
 * A network in memory, on whatever clock it is given: frames of one socket stay in order, requests may overtake each
 * other, and everything takes time.
 */
export function memoryNetwork(options: MemoryNetworkOptions) {
  const { simulators, clock, timers, random, latencyMs, jitterMs, failure } = options
  const delay = () => latencyMs + random.next() * jitterMs
  const at = (url: string) => {
    const { hostname, pathname, search } = new URL(url)
    return { simulator: simulators.get(hostname), ...addressOf(pathname + search) }
  }

  function carry(request: ClientRequest): Promise<{ status: number; headers: Record<string, string>; body: string }> {
    return new Promise((resolve, reject) => {
      const { simulator, host, path, query, rawQuery } = at(request.url)
      if (simulator === undefined) {
        reject(failure('there is nobody at that address', false))
        return
      }
      let isOver = false
      const timeout = timers.after(request.timeoutMs, () => finish(() => reject(failure('no answer in time', true))))
      const finish = (end: () => void) => {
        if (isOver) return
        isOver = true
        timeout.cancel()
        end()
      }
      const arrive = () => {
        simulator.advance(clock.now())
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
        )
        const { method, url, body = '' } = request
        const served = simulator.request({ method, host, path, query, rawQuery, headers, body, from: '10.0.0.1', url })
        timers.after(served.delayMs + delay(), () =>
          finish(() => {
            if (served.answer === null) reject(failure('the connection was lost', true))
            else resolve(lowerCased(served.answer))
          }),
        )
      }
      timers.after(delay(), arrive)
    })
  }

  function connect(url: string, events: ClientEvents) {
    const { simulator, host, path, query } = at(url)
    let isClosed = false
    let inbound = 0
    let outbound = 0
    let client: ReturnType<VenueSimulator['connect']> | null = null
    /** After what was sent before it, whatever their delays. */
    const later = (since: number, run: () => void): number => {
      const due = Math.max(since, clock.now() + Math.ceil(delay() * 1_000))
      timers.after((due - clock.now()) / 1_000, run)
      return due
    }
    const close = (reason: string) => {
      if (isClosed) return
      isClosed = true
      client?.onClose()
      events.onClose(reason)
    }
    outbound = later(0, () => {
      if (isClosed) return
      if (simulator === undefined) {
        close('there is nobody at that address')
        return
      }
      simulator.advance(clock.now())
      client = simulator.connect(
        { host, path, query },
        {
          send(frame) {
            inbound = later(inbound, () => {
              if (!isClosed) events.onFrame(frame)
            })
          },
          close(reason) {
            inbound = later(inbound, () => close(reason))
          },
        },
      )
      inbound = later(inbound, () => {
        if (!isClosed) events.onOpen()
      })
    })
    return {
      send(frame: string) {
        outbound = later(outbound, () => {
          if (isClosed || simulator === undefined) return
          simulator.advance(clock.now())
          client?.onFrame(frame)
        })
      },
      close: () => close('closed by us'),
    }
  }

  return { fetch: carry, connect }
}

const lowerCased = ({ status, headers = {}, body }: SimulatedAnswer) => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  body,
})
