import { createHash, createHmac } from 'node:crypto'
import type { SimulatedRequest, VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { krakenSimulator } from './index.ts'

/** For tests: a client of the simulated Kraken without a network, which signs as Kraken's guide says. */

const HOST = 'api.kraken.com'

export const request = (path: string, change: Partial<SimulatedRequest> = {}): SimulatedRequest =>
  requestTo(HOST, path, change)

export function krakenClient(
  simulator: VenueSimulator,
  credentials: { readonly apiKey: string; readonly secret: string } = krakenSimulator.credentials,
) {
  let nonce = 0
  return {
    signed(name: string, fields: Readonly<Record<string, string>> = {}, at = ++nonce): SimulatedRequest {
      const path = `/0/private/${name}`
      const body = new URLSearchParams({ nonce: String(at), ...fields }).toString()
      const digest = createHash('sha256')
        .update(at + body)
        .digest()
      const key = Buffer.from(credentials.secret, 'base64')
      const sign = createHmac('sha512', key)
        .update(Buffer.concat([Buffer.from(path), digest]))
        .digest('base64')
      return request(path, { method: 'POST', body, headers: { 'api-key': credentials.apiKey, 'api-sign': sign } })
    },
    /** The parsed answer; null where none came. */
    call(name: string, fields: Readonly<Record<string, string>> = {}) {
      const { answer } = simulator.request(this.signed(name, fields))
      return answer === null ? null : (JSON.parse(answer.body) as { error: string[]; result?: never })
    },
    /** Subscribes to a private channel, and keeps what comes. */
    listen(channel: 'executions' | 'balances') {
      const { token } = this.call('GetWebSocketsToken')!.result as unknown as { token: string }
      const frames: Record<string, unknown>[] = []
      const closed: string[] = []
      const address = { host: 'ws-auth.kraken.com', path: '/v2', query: new URLSearchParams() }
      const socket = simulator.connect(address, {
        send: frame => frames.push(JSON.parse(String(frame))),
        close: reason => closed.push(reason),
      })
      socket.onFrame(JSON.stringify({ method: 'subscribe', params: { channel, token } }))
      const rows = () =>
        frames
          .filter(frame => frame.channel === channel && frame.type === 'update')
          .flatMap(frame => frame.data as Record<string, unknown>[])
      return { rows, closed, frames }
    },
  }
}

/** Subscribes to a book of XRP/USD, ten levels deep, and keeps its messages. */
export function listenToBook(simulator: VenueSimulator) {
  const messages: { type: string; bids: number[][]; asks: number[][]; checksum: number; text: string }[] = []
  const closed: string[] = []
  const socket = simulator.connect(
    { host: 'ws.kraken.com', path: '/v2', query: new URLSearchParams() },
    {
      send(frame) {
        const { channel, type, data } = JSON.parse(String(frame))
        if (channel !== 'book') return
        const rows = (side: { price: number; qty: number }[]) => side.map(({ price, qty }) => [price, qty])
        const [{ bids, asks, checksum }] = data
        messages.push({ type, bids: rows(bids), asks: rows(asks), checksum, text: String(frame) })
      },
      close: reason => closed.push(reason),
    },
  )
  socket.onFrame(JSON.stringify({ method: 'subscribe', params: { channel: 'book', symbol: ['XRP/USD'], depth: 10 } }))
  return { messages, closed }
}

export const LIMIT_BUY = { pair: 'XXRPZUSD', type: 'buy', ordertype: 'limit', volume: '40', price: '2' } as const
