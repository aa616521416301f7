import type { Exchange } from 'ccxt'
import type { VenueDefinition } from '../connector/definition.ts'
import { kucoinPrivateSession } from './private-session.ts'
import { createKucoinPublicSession } from './public-session.ts'
import { kucoinRest } from './rest.ts'

/** Where to connect, and the token without which nobody may: https://www.kucoin.com/docs-new/websocket-api/base-info/get-public-token-spot-margin */
async function addressOf(exchange: Exchange, api: 'public' | 'private'): Promise<string> {
  const { data } = (await exchange.request(`bullet-${api}`, api, 'POST')) as {
    data: { token: string; instanceServers: readonly { endpoint: string }[] }
  }
  const [server] = data.instanceServers
  if (server === undefined) throw new Error('the venue names no server of its streams')
  return `${server.endpoint}?token=${encodeURIComponent(data.token)}`
}

const STOPS = 'KuCoin has them in a list and with ids of their own, which the connector does not place'

/** KuCoin spot on a classic account: https://www.kucoin.com/docs-new/introduction */
export const kucoin: VenueDefinition = {
  name: 'kucoin',
  title: 'KuCoin',
  capabilities: {
    markets: ['spot'],
    orderTypes: ['limit', 'market'],
    timeInForce: ['gtc', 'ioc', 'fok'],
    postOnly: true,
    amend: 'none',
    cancelAll: 'account',
    bookIntegrity: ['sequence'],
    candleIntervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    deadMansSwitch: { secondsMin: 5, secondsMax: 86_400 },
    testnet: false,
    feeCharged: 'quote',
    permissionsReadable: true,
    requestValidForMs: 5_000,
    absent: {
      stop: STOPS,
      stop_limit: STOPS,
      amend: 'a change there cancels the order and places another under another id',
      checksum: 'its updates are numbered, without a checksum',
      testnet: 'not offered',
    },
  },
  rest: kucoinRest,
  market: {
    streams: [{ session: createKucoinPublicSession, url: exchange => addressOf(exchange, 'public') }],
    /** The whole book is for those who have a key; others get its best hundred levels, and learn the deeper ones as they change. */
    async snapshot(exchange, { symbol }) {
      const answer = exchange.checkRequiredCredentials(false)
        ? await exchange.request('market/orderbook/level2', 'private', 'GET', { symbol })
        : await exchange.request('market/orderbook/level2_100', 'public', 'GET', { symbol })
      return JSON.stringify(answer)
    },
  },
  account: {
    open: async exchange => ({ url: await addressOf(exchange, 'private'), session: kucoinPrivateSession }),
  },
}
