import { INTERVAL_NAMES } from '../../market/index.ts'
import type { Capabilities } from '../../venues/index.ts'

/** What the house exchange does as a venue, for one of its participants and in the process that owns it. */
export const HOUSE_CAPABILITIES: Capabilities = {
  markets: ['spot'],
  orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  amend: 'native',
  cancelAll: 'account',
  bookIntegrity: ['sequence', 'checksum'],
  candleIntervals: INTERVAL_NAMES,
  deadMansSwitch: null,
  testnet: false,
  feeCharged: 'quote',
  permissionsReadable: true,
  // Whether an order was taken is known as soon as a later command of the same shard is committed.
  requestValidForMs: 0,
  absent: {
    deadMansSwitch:
      'a session of a socket cancels when the socket ends; no time can be set, and this venue has no socket',
    testnet: 'it is our own: what is to cost nothing trades on paper',
  },
}
