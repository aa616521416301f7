import { sign } from 'node:crypto'
import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { type SimulatedRequest, type SimulatorOptions, VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { coinbaseSimulator } from './index.ts'

/** For tests: a client of the simulated Coinbase without a network, which makes its tokens as Coinbase's guide says. */

export const HOST = 'api.coinbase.com'
export const START: Micros = 1_763_700_000_000_000
const BROKERAGE = '/api/v3/brokerage'

export const stillCoinbase = (options: Partial<SimulatorOptions> = {}): VenueSimulator =>
  new VenueSimulator({ definition: coinbaseSimulator, seed: 'test', start: START, market: 'still', ...options })

export interface TokenWish {
  readonly key?: string
  readonly secret?: string
  readonly uri?: string
  readonly claims?: object
}

const { apiKey } = coinbaseSimulator.credentials
export const { secret } = coinbaseSimulator.credentials

export function tokenOf(at: Micros, wish: TokenWish = {}): string {
  const { key = apiKey, secret: pem = secret, uri, claims } = wish
  const seconds = Math.floor(at / MICROS_PER_SECOND)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = { alg: 'ES256', typ: 'JWT', kid: key, nonce: `${seconds}` }
  const payload = { sub: key, iss: 'cdp', nbf: seconds, exp: seconds + 120, uri, ...claims }
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: pem, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export const request = (method: string, path: string, change: Partial<SimulatedRequest> = {}): SimulatedRequest =>
  requestTo(HOST, `${BROKERAGE}${path}`, { method, ...change })

export function coinbaseClient(simulator: VenueSimulator) {
  let orders = 0
  const call = (method: string, path: string, body?: object, wish: TokenWish = {}) => {
    const uri = `${method} ${HOST}${BROKERAGE}${path.split('?')[0]}`
    const token = tokenOf(simulator.exchange.market.now, { uri, ...wish })
    const asked = request(method, path, {
      headers: { authorization: `Bearer ${token}` },
      body: body === undefined ? '' : JSON.stringify(body),
    })
    const { status, body: text } = simulator.request(asked).answer!
    // biome-ignore lint/suspicious/noExplicitAny: what a venue answers is looked into field by field
    return { status, text, body: (text.startsWith('{') ? JSON.parse(text) : null) as any }
  }
  return {
    call,
    place(configuration: object, fields: object = {}) {
      orders += 1
      return call('POST', '/orders', {
        client_order_id: `order-${orders}`,
        product_id: 'XRP-USD',
        side: 'BUY',
        order_configuration: configuration,
        ...fields,
      }).body
    },
    limit(fields: object = {}, order: object = {}) {
      return this.place({ limit_limit_gtc: { base_size: '40', limit_price: '2', post_only: false, ...fields } }, order)
    },
    order: (id: string) => call('GET', `/orders/historical/${id}`).body.order,
  }
}

export function openSocket(simulator: VenueSimulator) {
  // biome-ignore lint/suspicious/noExplicitAny: what a venue sends is looked into field by field
  const frames: any[] = []
  const socket = simulator.connect(
    { host: 'advanced-trade-ws.coinbase.com', path: '/', query: new URLSearchParams() },
    { send: frame => frames.push(JSON.parse(String(frame))), close() {} },
  )
  return { frames, ask: (question: object) => socket.onFrame(JSON.stringify(question)) }
}
