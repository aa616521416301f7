import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import type { InstrumentId, RunId } from '../../src/kernel/index.ts'
import {
  createDatabase,
  eventTypes,
  silentLog,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
} from '../../src/platform/index.ts'
import {
  databaseJournal,
  databaseReconciliation,
  memoryLatch,
  type RunSetup,
  reconciliationEvents,
  Trader,
  type TradingJournal,
  tradingEvents,
  VenueDesk,
} from '../../src/trading/index.ts'
import { ConnectedVenue, nodeTransport, venueEvents, venueKey } from '../../src/venues/index.ts'
import { busy } from './busy-strategy.ts'
import { LIVE_TENANT, type LivePlan } from './live-plan.ts'

/**
 * A node in a process of its own that trades at venues over real sockets and keeps its facts in PostgreSQL. It kills itself
 * with SIGKILL at the moment it is told, or trades for so long, ends all it has open, and ends with 0 once every venue has
 * been compared after that.
 */
const plan: LivePlan = JSON.parse(process.argv[2]!)
const [clock, timers, ids] = [systemClock(), systemTimers(), systemIds()]
const pause = (ms: number) => new Promise<void>(resolve => timers.after(ms, resolve))

let moments = 0
/** A moment between two effects; `instrument` is null where it concerns all. */
function point(name: string, instrument: InstrumentId | null): void {
  const { death } = plan
  if (death === null || death.point !== name) return
  if (instrument !== null && !instrument.startsWith(`${death.venue}:`)) return
  moments += 1
  if (moments === death.occurrence) process.kill(process.pid, 'SIGKILL')
}

const types = eventTypes([...tradingEvents, ...reconciliationEvents, ...venueEvents])
const db = createDatabase({ url: plan.database, connectionsMax: 5, log: silentLog })
const place = { db, tenant: LIVE_TENANT, ids, types }
const saved = databaseJournal(place)
const journal: TradingJournal = {
  ...saved,
  async commit(batch) {
    point('commit before', null)
    await saved.commit(batch)
    point('commit after', null)
  },
}

class DyingTrader extends Trader {
  override onVenue(input: Parameters<Trader['onVenue']>[0]): void {
    const instrument = input.kind === 'report' ? (this.runs.get(input.run)?.instrument.id ?? null) : null
    if (instrument !== null) point('report before', instrument)
    super.onVenue(input)
    if (instrument !== null) point('report after', instrument)
  }
}

const trader = new DyingTrader({
  journal,
  strategies: name => (name === busy.name ? busy : undefined),
  latch: memoryLatch(),
  clock,
  timers,
  log: silentLog,
  onStart: () => desk.adopt(),
  send: effect => {
    const { instrument } = effect.request
    point('send before', instrument)
    desk.send(effect)
    point('send after', instrument)
  },
  cancel: effect => {
    desk.cancel(effect)
    point('cancel after', trader.runs.get(effect.run)?.instrument.id ?? null)
  },
})

const transport = nodeTransport(timers)
const listed = plan.venues.map(({ name }) => {
  const { instruments } = SIMULATED_VENUES.find(one => one.name === name)!
  return instruments.map(({ instrument }) => instrument).find(({ base }) => base === 'XRP')!
})
const venues = plan.venues.map(
  ({ name, endpoint }, i) =>
    new ConnectedVenue({
      venue: name,
      mode: 'simulated',
      isTestnet: false,
      mayTrade: true,
      endpoint,
      key: venueKey(SIMULATED_VENUES.find(one => one.name === name)!.credentials),
      instruments: [listed[i]!.id],
      transport,
      clock,
      timers,
      random: systemRandom(),
      log: silentLog,
    }),
)
const reconciliation = databaseReconciliation(place)
const desk = new VenueDesk({
  venues,
  instruments: new Map(venues.map(({ name }, i) => [name, [listed[i]!.id]])),
  trader: () => trader,
  journal: reconciliation,
  onMarket: () => {},
  clock,
  timers,
  ids,
  log: silentLog,
})

await trader.start()
for (const venue of venues) venue.start(listed)
for (const [i, instrument] of listed.entries()) {
  const setup: RunSetup = {
    id: `00000000-0000-7000-8000-00000000000${i}` as RunId,
    tenant: LIVE_TENANT,
    name: `run at ${instrument.venue}`,
    strategy: busy.name,
    instrument,
    interval: 1_000_000,
    parameters: {},
    allocation: '100000',
    paper: null,
    mode: 'live',
    seed: `${plan.seed}/${instrument.venue}`,
  }
  if (!trader.runs.has(setup.id)) await trader.startRun(setup)
}
desk.open()
await pause(plan.seconds * 1_000)

process.stdout.write('calm\n')
for (const run of trader.runs.values()) if (run.status === 'running') await trader.stopRun(run.setup.id)
while ([...trader.runs.values()].some(run => run.status === 'running' || run.openOrderCount > 0)) await pause(50)
const endedAt = clock.now()
for (const { name } of plan.venues)
  while (((await reconciliation.lastComplete(name)) ?? 0) < endedAt) {
    desk.reconcile(name)
    await pause(500)
  }
await trader.stop()
await desk.close()
await transport.close()
await db.close()
process.exit(0)
