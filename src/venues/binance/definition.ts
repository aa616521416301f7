import type { VenueDefinition } from '../connector/definition.ts'
import { binancePrivateSession } from './private-session.ts'
import { createBinancePublicSession } from './public-session.ts'
import { binanceRest } from './rest.ts'

const DEPTH_LEVELS = 1_000

/** Binance spot: https://developers.binance.com/docs/binance-spot-api-docs */
export const binance: VenueDefinition = {
  name: 'binance',
  title: 'Binance',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    // "Order amend keep priority" is not what an amend is here.
    amend: 'none',
    cancelAll: 'instrument',
    bookIntegrity: ['sequence'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    deadMansSwitch: null,
    testnet: true,
    feeCharged: 'received',
    permissionsReadable: true,
    requestValidForMs: 5_000,
    absent: {
      amend: 'its amend can only make an order smaller',
      checksum: 'its updates are numbered, without a checksum',
      deadMansSwitch: 'offered for futures alone',
    },
  },
  rest: binanceRest,
  market: {
    streams: [{ session: createBinancePublicSession, url: async () => 'wss://stream.binance.com:9443/stream' }],
    snapshot: async (exchange, { symbol }) =>
      JSON.stringify(await exchange.request('depth', 'public', 'GET', { symbol, limit: DEPTH_LEVELS })),
  },
  // https://developers.binance.com/docs/binance-spot-api-docs/testnet/general-info
  testnetStreams: {
    'wss://stream.binance.com:9443/stream': 'wss://stream.testnet.binance.vision/stream',
    'wss://ws-api.binance.com:443/ws-api/v3': 'wss://ws-api.testnet.binance.vision/ws-api/v3',
  },
  account: {
    open: async exchange => ({
      url: 'wss://ws-api.binance.com:443/ws-api/v3',
      session: binancePrivateSession({
        apiKey: exchange.apiKey ?? '',
        secret: exchange.secret ?? '',
        now: () => exchange.milliseconds(),
      }),
    }),
  },
}
