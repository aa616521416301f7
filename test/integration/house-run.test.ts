import { beforeAll, expect, test } from 'vitest'
import { ABC, limit, openMarket } from '../../src/exchange/fake.ts'
import { HouseAtWork } from '../../src/exchange/index.ts'
import type { InstrumentId, OrderId } from '../../src/kernel/index.ts'
import { eventTypes, silentLog, systemIds } from '../../src/platform/index.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../../src/platform/testing.ts'
import { type AnyContext, runId, setupOf, strategyOf } from '../../src/trading/fake.ts'
import {
  databaseJournal,
  databaseReconciliation,
  memoryLatch,
  type ReconciliationView,
  reconciliationEvents,
  Trader,
  tradingEvents,
  VenueDesk,
} from '../../src/trading/index.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const INSTRUMENT = ABC as InstrumentId
/** A run is warm after one candle. */
const PAST = { openAt: 0, open: 1_000, high: 1_000, low: 1_000, close: 1_000, volume: 1 }

/** At each trade of a whole coin it buys one at the market and bids for another. */
const following = strategyOf('following', {
  onTrade(trade, context: AnyContext) {
    if (trade.quantity !== 1_000) return
    context.place({ side: 'buy', quantity: 500, reason: 'at the market' })
    context.place({ side: 'buy', type: 'limit', price: 980, quantity: 500, reason: 'below' })
  },
})

test('a run trades on the house exchange as on any venue, and both sides’ books agree', async () => {
  const { clock, timers } = manualTime()
  const machine = { clock, timers, ids: systemIds(), log: silentLog }
  const tenant = freshTenant()
  const { exchange, shards } = await openMarket(fresh, tenant, clock)
  const [{ market }] = shards.markets() as [ReturnType<typeof shards.markets>[0]]
  const types = eventTypes([...tradingEvents, ...reconciliationEvents])
  const how = { mode: 'simulated', owner: 'alice', instruments: [INSTRUMENT] } as const
  const house = new HouseAtWork({ exchange, shards, ...how, ...machine })
  const trader: Trader = new Trader({
    journal: databaseJournal({ db: fresh.db, tenant, ids: machine.ids, types }),
    strategies: () => following,
    latch: memoryLatch(),
    ...machine,
    onStart: () => desk.adopt(),
    send: effect => desk.send(effect),
    cancel: effect => desk.cancel(effect),
  })
  const compared: ReconciliationView[] = []
  const journal = databaseReconciliation({ db: fresh.db, tenant, ids: machine.ids, types })
  const desk: VenueDesk = new VenueDesk({
    venues: [house],
    instruments: new Map([['house', [INSTRUMENT]]]),
    trader: () => trader,
    journal: {
      ...journal,
      finished: async view => {
        await journal.finished(view)
        compared.push(view)
      },
    },
    onMarket: () => {},
    ...machine,
  })
  await trader.start()
  house.start([market.instrument])
  desk.open()
  await eventually(() => desk.views()[0]?.held === null)
  await trader.startRun(setupOf('following', { tenant, instrument: market.instrument, paper: null }), [PAST])
  desk.tell(INSTRUMENT)
  const run = () => trader.records.get(runId(1))!

  await exchange.place('bob', limit('sell', '10.00', '5'))
  shards.parts[0]!.feed.flush(clock.now())
  await exchange.move(0, 'carol', 'USD', 1_000_000_000, 1)
  await exchange.place('carol', limit('buy', '10.00', '1'))
  await eventually(() => run().fills === 1 && run().openOrders === 1)
  expect(run().holding.quantity).toBe(500)
  const [open] = await exchange.orders('alice', { state: 'open' })
  expect(open).toMatchObject({ state: 'open', price: '9.80', quantity: '0.500' })

  // What rests fills when somebody comes to it; what the exchange says of it then is what the run has.
  await exchange.place('bob', limit('sell', '9.80', '0.5', { timeInForce: 'ioc' }))
  await eventually(() => run().fills === 2 && run().openOrders === 0)
  // A wish joins a comparison that waits already, which was for another reason: it is asked for until one is ours.
  const asked = await eventually(() => {
    desk.reconcile('house')
    return compared.find(({ trigger, fills }) => trigger === 'request' && fills === 2)
  })
  expect(asked).toMatchObject({ error: null, corrected: 0, escalated: 0 })
  expect(house.venue.whose({ instrument: INSTRUMENT, venueOrderId: open!.id, clientId: null })).toBe(
    open!.clientId as OrderId,
  )
  expect(desk.views()).toMatchObject([{ name: 'house', title: 'House', held: null, health: { score: 100 } }])
  await trader.stop()
  await desk.close()
  await shards.stop()
})
