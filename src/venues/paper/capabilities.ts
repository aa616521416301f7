import type { Capabilities } from '../port/index.ts'

/** What the paper venue does, in the words of the others: it lives inside a run and has no account, keys or markets of its own. */
export const PAPER: Capabilities = {
  markets: ['spot'],
  orderTypes: ['limit', 'market', 'stop', 'stop_limit'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  doublesOrders: true,
  amend: 'none',
  cancelAll: 'account',
  bookIntegrity: [],
  candleIntervals: [],
  deadMansSwitch: null,
  testnet: false,
  feeCharged: 'quote',
  permissionsReadable: false,
  requestValidForMs: 0,
  absent: {
    uniqueClientIds: 'it takes orders from its run alone, which gives every id once',
    amend: 'it takes orders and cancels alone',
    checksum: 'the books that it is shown have been checked by their venue’s connector',
    deadMansSwitch: 'it stops with its run',
    testnet: 'nothing that it does is real',
    permissions: 'it has no keys',
  },
}
