import type { VenueDefinition } from '../connector/definition.ts'
import { bitfinexPrivateSession } from './private-session.ts'
import { createBitfinexPublicSession } from './public-session.ts'
import { bitfinexRest } from './rest.ts'

/** Bitfinex exchange wallet: https://docs.bitfinex.com/docs/introduction */
export const bitfinex: VenueDefinition = {
  name: 'bitfinex',
  title: 'Bitfinex',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    doublesOrders: true,
    amend: 'native',
    cancelAll: 'account',
    bookIntegrity: ['sequence', 'checksum'],
    candleIntervals: ['1m', '5m', '15m', '1h', '1d'],
    deadMansSwitch: null,
    testnet: false,
    feeCharged: 'received',
    permissionsReadable: true,
    requestValidForMs: 30_000,
    absent: {
      uniqueClientIds: 'it takes an order again under a client id that it has had',
      deadMansSwitch: 'a flag of a socket cancels when the socket ends; no time can be set',
      testnet: 'its paper trading is an account on the real site',
    },
  },
  rest: bitfinexRest,
  market: {
    streams: [{ session: createBitfinexPublicSession, url: async () => 'wss://api-pub.bitfinex.com/ws/2' }],
  },
  account: {
    open: async exchange => ({
      url: 'wss://api.bitfinex.com/ws/2',
      session: bitfinexPrivateSession({
        apiKey: exchange.apiKey ?? '',
        secret: exchange.secret ?? '',
        nonce: () => Number(exchange.nonce()),
      }),
    }),
  },
}
