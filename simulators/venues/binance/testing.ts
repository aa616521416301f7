import { createHmac } from 'node:crypto'
import { MICROS_PER_MS, type Micros } from '../../../src/kernel/index.ts'
import { type SimulatedRequest, type SimulatorOptions, VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { binanceSimulator } from './index.ts'

/** For tests: a client of the simulated Binance without a network, which signs as Binance's guide says. */

const HOST = 'api.binance.com'
export const START: Micros = 1_763_700_000_000_000

export const stillBinance = (options: Partial<SimulatorOptions> = {}): VenueSimulator =>
  new VenueSimulator({ definition: binanceSimulator, seed: 'test', start: START, market: 'still', ...options })

export const request = (method: string, path: string, change: Partial<SimulatedRequest> = {}): SimulatedRequest =>
  requestTo(HOST, path, { method, ...change })

export type Fields = Readonly<Record<string, string | number>>

const textOf = (fields: Fields): string =>
  new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)])).toString()

export function binanceClient(
  simulator: VenueSimulator,
  credentials: { readonly apiKey: string; readonly secret: string } = binanceSimulator.credentials,
) {
  const sign = (text: string) => createHmac('sha256', credentials.secret).update(text).digest('hex')
  const stamped = (fields: Fields): Fields => ({
    timestamp: Math.floor(simulator.exchange.market.now / MICROS_PER_MS),
    ...fields,
  })
  const call = (asked: SimulatedRequest) => {
    const { answer } = simulator.request(asked)
    const { status, headers, body } = answer!
    // biome-ignore lint/suspicious/noExplicitAny: what a venue answers is looked into field by field
    return { status, headers: headers!, body: JSON.parse(body) as any }
  }
  return {
    open: (path: string) => call(request('GET', path)),
    signed(method: string, path: string, fields: Fields = {}): SimulatedRequest {
      const text = textOf(stamped(fields))
      const whole = `${text}&signature=${sign(text)}`
      const headers = { 'x-mbx-apikey': credentials.apiKey }
      return method === 'GET' || method === 'DELETE'
        ? request(method, `${path}?${whole}`, { headers })
        : request(method, path, { headers, body: whole })
    },
    call(method: string, path: string, fields: Fields = {}) {
      return call(this.signed(method, path, fields))
    },
    place(fields: Fields) {
      return this.call('POST', '/api/v3/order', { symbol: 'XRPUSDT', side: 'BUY', ...fields })
    },
    limit(fields: Fields = {}) {
      return this.place({ type: 'LIMIT', timeInForce: 'GTC', quantity: 40, price: 2, ...fields })
    },
    /** A question of the WebSocket API, signed over its sorted fields. */
    question(method: string, fields: Fields = {}) {
      const all: Fields = { ...stamped(fields), apiKey: credentials.apiKey }
      const text = Object.entries(all)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${value}`)
        .join('&')
      return { id: method, method, params: { ...all, signature: sign(text) } }
    },
  }
}

/** A socket of the simulator's, with everything that came through it. */
export function openSocket(simulator: VenueSimulator, host: string, address: string) {
  const [path = '', query = ''] = address.split('?')
  // biome-ignore lint/suspicious/noExplicitAny: what a venue sends is looked into field by field
  const frames: any[] = []
  const socket = simulator.connect(
    { host, path, query: new URLSearchParams(query) },
    { send: frame => frames.push(JSON.parse(String(frame))), close() {} },
  )
  return { frames, ask: (question: object) => socket.onFrame(JSON.stringify(question)) }
}
