import type { VenueDefinition } from '../connector/definition.ts'
import { htxPrivateSession, PRIVATE_ADDRESS } from './private-session.ts'
import { createHtxBookSession, createHtxTradeSession } from './public-session.ts'
import { htxRest } from './rest.ts'

/** HTX spot: https://huobiapi.github.io/docs/spot/v1/en/ */
export const htx: VenueDefinition = {
  name: 'htx',
  title: 'HTX',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop_limit'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    amend: 'none',
    cancelAll: 'account',
    bookIntegrity: ['sequence'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    // The venue names no longest time; a day is ours.
    deadMansSwitch: { secondsMin: 5, secondsMax: 86_400 },
    testnet: false,
    feeCharged: 'received',
    permissionsReadable: true,
    // A request whose timestamp is older is refused.
    requestValidForMs: 300_000,
    absent: {
      stop: 'HTX has them as conditional orders with ids of their own, which the connector does not place',
      amend: 'the venue changes no working order',
      checksum: 'its updates are numbered, without a checksum',
      testnet: 'not offered',
    },
  },
  rest: htxRest,
  market: {
    streams: [
      { session: createHtxBookSession, url: async () => 'wss://api.huobi.pro/feed' },
      { session: createHtxTradeSession, url: async () => 'wss://api.huobi.pro/ws' },
    ],
  },
  account: {
    open: async exchange => ({
      url: PRIVATE_ADDRESS,
      session: htxPrivateSession({
        apiKey: exchange.apiKey,
        secret: exchange.secret,
        milliseconds: () => exchange.milliseconds(),
      }),
    }),
  },
}
