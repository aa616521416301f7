import type { VenueDefinition } from '../connector/definition.ts'
import { krakenPrivateSession } from './private-session.ts'
import { createKrakenPublicSession } from './public-session.ts'
import { krakenRest } from './rest.ts'

/** Kraken spot: https://docs.kraken.com/exchange/api-reference/spot-rest and …/spot-websocket-v2 */
export const kraken: VenueDefinition = {
  name: 'kraken',
  title: 'Kraken',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
    timeInForce: ['gtc', 'ioc'],
    postOnly: true,
    amend: 'native',
    cancelAll: 'account',
    bookIntegrity: ['checksum'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    deadMansSwitch: { secondsMin: 1, secondsMax: 86_400 },
    testnet: false,
    feeCharged: 'quote',
    permissionsReadable: true,
    requestValidForMs: 5_000,
    absent: {
      fok: 'its orders are good until canceled, until a date, or immediate or canceled',
      testnet: 'offered for futures alone',
    },
  },
  rest: krakenRest,
  market: {
    streams: [{ session: createKrakenPublicSession, url: async () => 'wss://ws.kraken.com/v2' }],
  },
  account: {
    async open(exchange) {
      const { result } = (await exchange.request('GetWebSocketsToken', 'private', 'POST')) as {
        result: { token: string }
      }
      return { url: 'wss://ws-auth.kraken.com/v2', session: krakenPrivateSession(result.token) }
    },
  },
}
