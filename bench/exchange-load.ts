import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { seededRandom } from '../src/kernel/index.ts'

/**
 * A load generator of its own process: so many connections, each of which sends a request as soon as the last one is answered.
 * It reads a {@link Load} as JSON and writes a {@link Measured}. Plain sockets and texts
 * made beforehand, since it works on the same cores as what it measures.
 */
export interface Load {
  readonly port: number
  readonly instrument: string
  readonly tokens: readonly string[]
  readonly connections: number
  readonly warmMs: number
  readonly measureMs: number
}

/** Of the requests that were sent and answered within the measured time. */
export interface Measured {
  readonly requests: number
  readonly seconds: number
  readonly meanMs: number
  readonly p99Ms: number
  /** How often each status, or `broken`, came. */
  readonly statuses: Readonly<Record<string, number>>
}

const TAKERS = 15
const CANCELS = 30
/** Loopback addresses that the connections come from: rates of an address hold for each. */
const ADDRESSES = 48
const RESTING_EACH = 60

/** One account's connection: limit orders that rest, some that take, and cancels of what rests. */
class Trader {
  readonly #load: Load
  readonly #token: string
  readonly #name: number
  readonly #random: ReturnType<typeof seededRandom>
  readonly #resting: string[] = []
  readonly #onAnswer: (status: string, ms: number) => void
  #socket: Socket | null = null
  #placed = 0
  #sentAt = 0
  #mayRest = false
  #buffered = ''

  constructor(load: Load, number: number, onAnswer: (status: string, ms: number) => void) {
    this.#load = load
    this.#token = load.tokens[number % load.tokens.length]!
    this.#name = number
    this.#random = seededRandom(`load ${number}`)
    this.#onAnswer = onAnswer
  }

  start(): void {
    const socket = connect({
      port: this.#load.port,
      host: '127.0.0.1',
      localAddress: `127.0.1.${1 + (this.#name % ADDRESSES)}`,
      noDelay: true,
    })
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('connect', () => this.#send())
    socket.on('data', (data: string) => this.#read(data))
    socket.on('error', () => this.#onAnswer('broken', performance.now() - this.#sentAt))
  }

  stop(): void {
    this.#socket?.destroy()
  }

  #send(): void {
    const dice = this.#random.below(100)
    const head = `HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${this.#token}\r\n`
    this.#sentAt = performance.now()
    if (this.#resting.length > 0 && (dice < CANCELS || this.#resting.length > RESTING_EACH)) {
      const [order] = this.#resting.splice(this.#random.below(this.#resting.length), 1)
      this.#mayRest = false
      this.#socket!.write(`DELETE /v1/exchange/orders/${order} ${head}\r\n`)
      return
    }
    const isTaker = dice >= 100 - TAKERS
    const side = this.#random.below(2) === 0 ? 'buy' : 'sell'
    const away = isTaker ? -10 : 1 + this.#random.below(50)
    const price = ((side === 'buy' ? 10_000 - away : 10_000 + away) / 100).toFixed(2)
    const quantity = ((1 + this.#random.below(1_000)) / 1_000).toFixed(3)
    this.#placed += 1
    const body = `{"instrument":"${this.#load.instrument}","clientId":"${this.#name}-${this.#placed}","side":"${side}","type":"limit","timeInForce":"${isTaker ? 'ioc' : 'gtc'}","price":"${price}","quantity":"${quantity}"}`
    this.#mayRest = !isTaker
    this.#socket!.write(
      `POST /v1/exchange/orders ${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
  }

  #read(data: string): void {
    this.#buffered += data
    const end = this.#buffered.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/content-length: (\d+)/i.exec(this.#buffered.slice(0, end))?.[1] ?? 0)
    if (this.#buffered.length < end + 4 + length) return
    const body = this.#buffered.slice(end + 4, end + 4 + length)
    const status = this.#buffered.slice(9, 12)
    this.#buffered = this.#buffered.slice(end + 4 + length)
    if (this.#mayRest && status === '201' && body.includes('"state":"open"'))
      this.#resting.push(/"id":"([^"]+)"/.exec(body)![1]!)
    this.#onAnswer(status, performance.now() - this.#sentAt)
    this.#send()
  }
}

export async function generate(load: Load): Promise<Measured> {
  const statuses: Record<string, number> = {}
  const times: number[] = []
  let isMeasuring = false
  const traders = Array.from(
    { length: load.connections },
    (_, i) =>
      new Trader(load, i, (status, ms) => {
        if (!isMeasuring) return
        statuses[status] = (statuses[status] ?? 0) + 1
        times.push(ms)
      }),
  )
  for (const trader of traders) trader.start()
  await new Promise(resolve => setTimeout(resolve, load.warmMs))
  isMeasuring = true
  const started = performance.now()
  await new Promise(resolve => setTimeout(resolve, load.measureMs))
  isMeasuring = false
  const seconds = (performance.now() - started) / 1_000
  for (const trader of traders) trader.stop()
  times.sort((a, b) => a - b)
  const meanMs = times.reduce((sum, ms) => sum + ms, 0) / times.length
  return { requests: times.length, seconds, meanMs, p99Ms: times[Math.floor(times.length * 0.99)]!, statuses }
}

process.stdout.write(`${JSON.stringify(await generate(JSON.parse(await text(process.stdin)) as Load))}\n`)
