import type { VenueDefinition } from '../connector/definition.ts'
import { okxPrivateSession } from './private-session.ts'
import { createOkxPublicSession } from './public-session.ts'
import { okxRest } from './rest.ts'

const STOPS = 'OKX has them as “algo orders” of other ids, lists and streams, which the connector does not place'

/** OKX spot: https://www.okx.com/docs-v5/en/ */
export const okx: VenueDefinition = {
  name: 'okx',
  title: 'OKX',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    amend: 'native',
    cancelAll: 'account',
    bookIntegrity: ['sequence', 'checksum'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    deadMansSwitch: { secondsMin: 10, secondsMax: 120 },
    testnet: true,
    feeCharged: 'received',
    permissionsReadable: true,
    requestValidForMs: 30_000,
    absent: {
      stop: STOPS,
      stop_limit: STOPS,
    },
  },
  rest: okxRest,
  market: {
    streams: [{ session: createOkxPublicSession, url: async () => 'wss://ws.okx.com:8443/ws/v5/public' }],
  },
  // https://www.okx.com/docs-v5/en/#overview-demo-trading-services ; the broker is that of demo trading.
  testnetStreams: {
    'wss://ws.okx.com:8443/ws/v5/public': 'wss://wspap.okx.com:8443/ws/v5/public?brokerId=9999',
    'wss://ws.okx.com:8443/ws/v5/private': 'wss://wspap.okx.com:8443/ws/v5/private?brokerId=9999',
  },
  account: {
    open: async exchange => ({
      url: 'wss://ws.okx.com:8443/ws/v5/private',
      session: okxPrivateSession({
        apiKey: exchange.apiKey ?? '',
        secret: exchange.secret ?? '',
        passphrase: exchange.password ?? '',
        now: () => exchange.milliseconds(),
      }),
    }),
  },
}
