import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { ManualClock, type MarketInput, seededIds, seededRandom } from '../../src/kernel/index.ts'
import { createDatabase, eventTypes, silentLog, systemTimers } from '../../src/platform/index.ts'
import { databaseJournal, memoryLatch, Trader, type TradingJournal, tradingEvents } from '../../src/trading/index.ts'
import { TEST_STRATEGIES, testSetup } from './market-fixture.ts'

/**
 * A trader in a process of its own, over a seeded market, that kills itself with SIGKILL where it is told:
 * `input:<n>` after handling n inputs, `before:<n>:<m>` or `after:<n>:<m>` around its nth commit but within m inputs, `never`.
 * It goes on from what is durable and ends with 0 once the market has been seen to the end.
 */
const [url, seedText, market, plan] = process.argv.slice(2) as [string, string, string, string]
const [point, ...counts] = plan.split(':')
const [count, inputsMax = count] = counts.map(Number)
const seed = Number(seedText)
const setup = testSetup(seed)
const die = () => process.kill(process.pid, 'SIGKILL')

const db = createDatabase({ url, connectionsMax: 2, log: silentLog })
// Ids need only be new after a crash; a real source gives that, so the seed here holds the start.
const ids = seededIds(seededRandom(`ids/${seed}/${plan}`))
const journal = databaseJournal({ db, tenant: setup.tenant, ids, types: eventTypes(tradingEvents) })
let commits = 0
const deadly: TradingJournal = {
  load: journal.load,
  order: journal.order,
  async commit(batch) {
    commits += 1
    if (point === 'before' && commits === count) die()
    await journal.commit(batch)
    if (point === 'after' && commits === count) die()
  },
}

const inputs = deserialize(readFileSync(market)) as readonly MarketInput[]
const clock = new ManualClock(inputs[0]!.at)
const trader = new Trader({
  journal: deadly,
  strategies: TEST_STRATEGIES,
  latch: memoryLatch(),
  clock,
  timers: systemTimers(),
  log: silentLog,
})
await trader.start()
if (!trader.runs.has(setup.id)) await trader.startRun(setup)
const seen = trader.runs.get(setup.id)!.marketInputs
for (let i = seen; i < inputs.length; i++) {
  clock.set(inputs[i]!.at)
  trader.onMarket(inputs[i]!)
  if (i - seen + 1 === inputsMax) die()
  // Lets commits go on between inputs, as a socket would.
  if (i % 20 === 0) await new Promise(resolve => setImmediate(resolve))
}
await trader.stop()
await db.close()
