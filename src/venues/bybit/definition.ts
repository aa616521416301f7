import type { VenueDefinition } from '../connector/definition.ts'
import { bybitPrivateSession } from './private-session.ts'
import { createBybitPublicSession } from './public-session.ts'
import { bybitRest } from './rest.ts'

/** Bybit spot on a unified account: https://bybit-exchange.github.io/docs/v5/intro */
export const bybit: VenueDefinition = {
  name: 'bybit',
  title: 'Bybit',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    amend: 'native',
    cancelAll: 'instrument',
    bookIntegrity: ['sequence'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    deadMansSwitch: null,
    testnet: true,
    feeCharged: 'received',
    permissionsReadable: true,
    requestValidForMs: 5_000,
    absent: {
      checksum: 'its updates are numbered, without a checksum',
      deadMansSwitch: 'offered to institutions alone',
    },
  },
  rest: bybitRest,
  market: {
    streams: [{ session: createBybitPublicSession, url: async () => 'wss://stream.bybit.com/v5/public/spot' }],
  },
  // https://bybit-exchange.github.io/docs/v5/ws/connect
  testnetStreams: {
    'wss://stream.bybit.com/v5/public/spot': 'wss://stream-testnet.bybit.com/v5/public/spot',
    'wss://stream.bybit.com/v5/private': 'wss://stream-testnet.bybit.com/v5/private',
  },
  account: {
    open: async exchange => ({
      url: 'wss://stream.bybit.com/v5/private',
      session: bybitPrivateSession({
        apiKey: exchange.apiKey ?? '',
        secret: exchange.secret ?? '',
        now: () => exchange.milliseconds(),
      }),
    }),
  },
}
