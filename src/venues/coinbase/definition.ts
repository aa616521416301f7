import type { VenueDefinition } from '../connector/definition.ts'
import { coinbasePrivateSession } from './private-session.ts'
import { createCoinbasePublicSession } from './public-session.ts'
import { coinbaseRest } from './rest.ts'
import { coinbaseTokens } from './token.ts'

/** Coinbase Advanced Trade: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/overview */
export const coinbase: VenueDefinition = {
  name: 'coinbase',
  title: 'Coinbase',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop_limit'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    amend: 'native',
    cancelAll: 'instrument',
    bookIntegrity: ['sequence'],
    candleIntervals: ['1m', '5m', '15m', '1h', '1d'],
    deadMansSwitch: null,
    testnet: false,
    feeCharged: 'quote',
    permissionsReadable: true,
    // A token is good for two minutes, and a request for as long as its token.
    requestValidForMs: 120_000,
    absent: {
      stop: 'its stops have a limit price',
      checksum: 'its updates are numbered, without a checksum',
      deadMansSwitch: 'not offered',
      testnet: 'its sandbox gives canned answers',
    },
  },
  rest: coinbaseRest,
  market: {
    streams: [{ session: createCoinbasePublicSession, url: async () => 'wss://advanced-trade-ws.coinbase.com' }],
  },
  account: {
    open: async exchange => {
      const tokenOf = coinbaseTokens(exchange.apiKey ?? '', exchange.secret ?? '')
      return {
        url: 'wss://advanced-trade-ws-user.coinbase.com',
        session: coinbasePrivateSession({ token: () => tokenOf(Math.floor(exchange.milliseconds() / 1_000), null) }),
      }
    },
  },
}
