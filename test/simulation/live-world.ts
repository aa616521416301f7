import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type FaultRule, SIMULATED_VENUES, serve, VenueSimulator } from '../../simulators/venues/index.ts'
import { type Instrument, type InstrumentId, lotsOf, type OrderId, ticksOf } from '../../src/kernel/index.ts'
import { eventTypes, roleUrl, systemClock, systemIds, systemTimers } from '../../src/platform/index.ts'
import { type FreshDatabase, freshDatabase } from '../../src/platform/testing.ts'
import { databaseJournal, tradingEvents } from '../../src/trading/index.ts'
import type { VenueName } from '../../src/venues/index.ts'
import { LIVE_TENANT, type LivePlan } from './live-plan.ts'
import { differencesAt, type Fact } from './venue-truth.ts'

const SOURCE = fileURLToPath(new URL('live-child.ts', import.meta.url))
/** Bundled once, so that many lives do not pay for as many compilations. */
const CHILD = fileURLToPath(new URL('../../.cache/test/live-child.mjs', import.meta.url))

export async function buildLiveChild(): Promise<void> {
  mkdirSync(dirname(CHILD), { recursive: true })
  await build({
    entryPoints: [SOURCE],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
}

/** Simulated venues on real ports and a database, which outlive every life of the node that trades there. */
export async function openLiveWorld(options: {
  readonly seed: string
  readonly venues: readonly VenueName[]
  readonly faults?: readonly FaultRule[]
}) {
  const { seed } = options
  const [clock, timers] = [systemClock(), systemTimers()]
  const fresh = await freshDatabase()
  const broken: unknown[] = []
  const places = await Promise.all(
    options.venues.map(async name => {
      const definition = SIMULATED_VENUES.find(one => one.name === name)!
      const { faults } = options
      const simulator = new VenueSimulator({ definition, seed, start: clock.now(), past: 0, faults })
      const served = await serve(simulator, { port: 0, clock, timers, onError: error => broken.push(error) })
      const [account] = simulator.accounts
      return { name, simulator, served, begin: new Map(account!.assets.map(asset => [asset, account!.total(asset)])) }
    }),
  )
  const venues = places.map(({ name, served: { rest, ws } }) => ({ name, endpoint: { rest, ws } }))

  /** One life of the node, to its end or its death. */
  const live = (wish: Pick<LivePlan, 'seconds' | 'death'>): Promise<'ended' | 'killed'> =>
    new Promise((resolve, reject) => {
      const plan: LivePlan = { ...wish, seed, venues, database: roleUrl(fresh.ownerUrl, 'bourse_app') }
      const child = spawn(process.execPath, [CHILD, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'pipe'] })
      let complaint = ''
      child.stderr.on('data', text => {
        complaint = (complaint + text).slice(-4_000)
      })
      child.stdout.on('data', text => {
        if (String(text).includes('calm')) for (const { simulator } of places) simulator.faults.clear()
      })
      child.on('exit', (code, signal) => {
        if (signal === 'SIGKILL') resolve('killed')
        else if (code === 0) resolve('ended')
        else reject(new Error(`the node ended with ${code}: ${complaint}`))
      })
    })

  return {
    live,
    /** Errors of simulators. */
    broken,
    fills: () => places.reduce((sum, { simulator }) => sum + simulator.exchange.fills.length, 0),
    /** What differs between the books in the database and the venues' own; nothing if all is well. */
    async differences(): Promise<string[]> {
      const facts = await factsOf(
        fresh,
        places.flatMap(({ simulator }) => simulator.exchange.market.instruments.map(one => one.instrument)),
      )
      return places.flatMap(({ name, simulator, begin }) => differencesAt(name, simulator, facts, begin))
    },
    /** Balances of which the node itself says that its fills do not explain them. */
    async unexplained(): Promise<string[]> {
      const found = await fresh.asOwner<{ explanation: string }>(
        "SELECT explanation FROM discrepancy WHERE classification = 'balance_differs'",
      )
      return found.map(({ explanation }) => explanation)
    },
    async close() {
      for (const { served } of places) await served.close()
    },
  }
}

/** The facts about orders as the database has them. */
async function factsOf(fresh: FreshDatabase, instruments: readonly Instrument[]): Promise<Fact[]> {
  const journal = databaseJournal({
    db: fresh.db,
    tenant: LIVE_TENANT,
    ids: systemIds(),
    types: eventTypes(tradingEvents),
  })
  const rows = await fresh.asOwner<{
    id: OrderId
    instrument: InstrumentId
    type: string
    data: Record<string, string>
  }>(
    `SELECT o.id, o.instrument, e.type, e.data FROM orders o JOIN event e ON e.subject = 'order/' || o.id
     ORDER BY o.created_at, o.id, e.sequence`,
  )
  const orders = new Map<OrderId, NonNullable<Awaited<ReturnType<typeof journal.order>>>>()
  for (const { id, instrument } of rows)
    if (!orders.has(id))
      orders.set(id, (await journal.order(id, () => instruments.find(one => one.id === instrument)))!)
  return rows.map(({ id, instrument: name, type, data }) => {
    const { order } = orders.get(id)!
    if (type !== 'order.filled' && type !== 'order.partially_filled') return { order, event: { type } }
    const instrument = instruments.find(one => one.id === name)!
    const fill = {
      id: data.fill!,
      price: ticksOf(instrument, data.price!),
      quantity: lotsOf(instrument, data.quantity!),
      fee: 0n,
      feeIn: { asset: data.feeAsset!, amount: data.fee! },
    }
    return { order, event: { type, fill } }
  })
}
