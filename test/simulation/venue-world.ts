import { type FaultRule, memoryNetwork, SIMULATED_VENUES, VenueSimulator } from '../../simulators/venues/index.ts'
import {
  type Random,
  type RunId,
  seededIds,
  seededRandom,
  type TenantId,
  type Timer,
  type Timers,
} from '../../src/kernel/index.ts'
import { silentLog } from '../../src/platform/index.ts'
import { manualTime } from '../../src/platform/testing.ts'
import {
  type AnyStrategy,
  memoryLatch,
  Reconciler,
  type RunSetup,
  Trader,
  VenueGateway,
} from '../../src/trading/index.ts'
import {
  Connector,
  RateBudget,
  RateQueue,
  TransportError,
  VENUE_RATES,
  VENUES,
  type Venue,
  type VenueName,
} from '../../src/venues/index.ts'
import { Disk, diskJournal, diskReconciliation } from './memory-journals.ts'
import { differencesAt } from './venue-truth.ts'

/**
 * The node and everything between it and its venues, against simulated venues with faults, in memory on a seeded clock. The
 * process can be killed at any moment and started again; what is at the venues and on disk goes on.
 */

const STEP_MS = 10
/** Kraken locks out for a quarter of an hour, and the queue honours it. */
const PATIENCE_MS = 3_600_000
const ATTEMPTS_MAX = 1_000

export interface WorldOptions {
  readonly seed: string
  readonly venues: readonly VenueName[]
  readonly strategy: AnyStrategy
  readonly faults?: readonly FaultRule[]
  readonly market?: 'living' | 'still'
  /** Told of every moment between two effects; true kills the process there. */
  readonly onPoint?: (point: string) => boolean
}

type Life = Awaited<ReturnType<VenueWorld['begin']>>

export class VenueWorld {
  readonly time = manualTime()
  readonly disk = new Disk()
  readonly simulators = new Map<VenueName, VenueSimulator>()
  readonly #options: WorldOptions
  readonly #random: Random
  readonly #network: ReturnType<typeof memoryNetwork>
  readonly #begin: ReadonlyMap<VenueName, ReadonlyMap<string, bigint>>
  #life: Life | null = null
  lives = 0

  constructor(options: WorldOptions) {
    const { clock, timers } = this.time
    this.#options = options
    this.#random = seededRandom(`${options.seed}/world`)
    for (const name of options.venues) {
      const definition = SIMULATED_VENUES.find(one => one.name === name)!
      const simulator = new VenueSimulator({
        definition,
        seed: options.seed,
        start: clock.now(),
        market: options.market ?? 'living',
        past: 0,
        faults: options.faults,
      })
      simulator.addresses = { rest: `http://${name}.sim`, ws: `ws://${name}.sim` }
      this.simulators.set(name, simulator)
      timers.every(50, () => simulator.advance(clock.now()))
    }
    this.#network = memoryNetwork({
      simulators: new Map([...this.simulators].map(([name, simulator]) => [`${name}.sim`, simulator])),
      clock,
      timers,
      random: seededRandom(`${options.seed}/network`),
      latencyMs: 3,
      jitterMs: 12,
      failure: (message, isSent) => new TransportError(message, { isSent }),
    })
    this.#begin = new Map(
      [...this.simulators].map(([name, { accounts }]) => [
        name,
        new Map(accounts[0]!.assets.map(asset => [asset, accounts[0]!.total(asset)])),
      ]),
    )
  }

  get life(): Life {
    if (this.#life === null) throw new Error('the process is not running')
    return this.#life
  }

  get isAlive(): boolean {
    return this.#life !== null
  }

  /** Starts the process: loads what is durable, reconciles, trades. */
  async start(): Promise<void> {
    // Loading a module takes real time, of which the simulated clock knows nothing.
    await import('ccxt')
    const life = await this.begin()
    // It may have been killed while it was starting.
    if (life.state.isAlive) this.#life = life
  }

  /** Ends the process at once: nothing that it still had to do is done. */
  kill(): void {
    const life = this.#life
    this.#life = null
    if (life === null) return
    life.end()
  }

  async begin() {
    this.lives += 1
    const { seed, strategy, onPoint } = this.#options
    const { clock } = this.time
    const timers = mortalTimers(this.time.timers)
    const state = { isAlive: true }
    const point = (name: string) => {
      if (!state.isAlive || onPoint?.(name) !== true) return
      end()
      this.#life = null
    }
    const venues = new Map<string, Venue>()
    const reconcilers = new Map<string, Reconciler>()
    const end = () => {
      state.isAlive = false
      timers.die()
      for (const reconciler of reconcilers.values()) reconciler.stop()
      for (const venue of venues.values()) void venue.close()
    }
    for (const [name, simulator] of this.simulators)
      venues.set(
        name,
        new Connector({
          definition: VENUES[name]!,
          endpoint: { rest: `http://${name}.sim`, ws: `ws://${name}.sim` },
          credentials: SIMULATED_VENUES.find(one => one.name === simulator.name)!.credentials,
          transport: this.#network,
          gate: new RateQueue({ budget: new RateBudget(VENUE_RATES[name]), clock, timers }),
          clock,
          timers,
          random: seededRandom(`${seed}/connector/${name}/${this.lives}`),
          timeoutMs: 3_000,
        }),
      )
    const journal = diskJournal(
      this.disk,
      timers,
      () => 1 + this.#random.next() * 4,
      when => point(`commit ${when}`),
    )
    const trader: Trader = new Trader({
      journal,
      strategies: name => (name === strategy.name ? strategy : undefined),
      latch: memoryLatch(),
      clock,
      timers,
      log: silentLog,
      send: effect => {
        point('send before')
        if (!state.isAlive) return
        gateway.send(effect)
        point('send after')
      },
      cancel: effect => {
        if (!state.isAlive) return
        gateway.cancel(effect)
        point('cancel after')
      },
      onStart: () => gateway.adopt(),
    })
    const gateway: VenueGateway = new VenueGateway({
      venues,
      node: {
        get runs() {
          return trader.runs
        },
        onMarket: input => {
          if (state.isAlive) trader.onMarket(input)
        },
        onVenue: input => {
          if (!state.isAlive) return
          point(`${input.kind} before`)
          if (!state.isAlive) return
          trader.onVenue(input)
          if (input.kind !== 'feed') point(`${input.kind} after`)
        },
        recall: (run, order) => trader.recall(run, order),
      },
      findOrder: order => trader.findOrder(order),
      clock,
      log: silentLog,
      onPrivateReady: venue => void reconcilers.get(venue)?.run('reconnect'),
      onDoubt: (venue, order) => reconcilers.get(venue)?.doubt(order),
    })
    const reconciliation = diskReconciliation(this.disk)
    for (const [name, venue] of venues)
      reconcilers.set(
        name,
        new Reconciler({
          venue,
          runs: () => [...trader.runs.values()].filter(run => run.instrument.venue === name),
          journal: reconciliation,
          report: async report => {
            if (state.isAlive) await gateway.report(report)
          },
          onComplete: () => gateway.release(name),
          clock,
          timers,
          ids: seededIds(seededRandom(`${seed}/ids/${name}/${this.lives}`)),
          log: silentLog,
        }),
      )
    const life = { trader, gateway, venues, reconcilers, state, end }
    await trader.start()
    const setups = await this.#setups(venues)
    for (const setup of setups) if (!trader.runs.has(setup.id)) void trader.startRun(setup).catch(() => {})
    gateway.watch(new Map(setups.map(({ instrument }) => [instrument.venue, [instrument.id]])))
    for (const reconciler of reconcilers.values()) void reconciler.start()
    return life
  }

  /** One run a venue, on XRP. */
  async #setups(venues: ReadonlyMap<string, Venue>): Promise<RunSetup[]> {
    const setups: RunSetup[] = []
    for (const [name, venue] of venues) {
      const instruments = await this.#eventually(() => venue.instruments())
      const instrument = instruments.find(({ base }) => base === 'XRP')!
      setups.push({
        id: `00000000-0000-7000-8000-00000000000${this.#options.venues.indexOf(name as VenueName)}` as RunId,
        tenant: '00000000-0000-7000-8000-0000000000aa' as TenantId,
        name: `run on ${name}`,
        strategy: this.#options.strategy.name,
        instrument,
        interval: 1_000_000,
        parameters: {},
        allocation: '100000',
        paper: null,
        mode: 'live',
        seed: `${this.#options.seed}/${name}`,
      })
    }
    return setups
  }

  /** The venue may be faulty from the first moment on. */
  async #eventually<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.settle(ask())
      } catch (error) {
        if (attempt === ATTEMPTS_MAX) throw error
        await this.pass(2_000)
      }
  }

  async settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let passed = 0; !isOver; passed += STEP_MS) {
      if (passed > PATIENCE_MS) throw new Error(`still waiting after ${PATIENCE_MS} simulated ms`)
      await this.pass(STEP_MS)
    }
    return promise
  }

  async until(claim: () => boolean, what: string): Promise<void> {
    for (let passed = 0; !claim(); passed += STEP_MS) {
      if (passed > PATIENCE_MS) throw new Error(`not true after ${PATIENCE_MS} simulated ms: ${what}`)
      await this.pass(STEP_MS)
    }
  }

  async pass(ms: number): Promise<void> {
    await this.time.advance(ms)
    await new Promise(resolve => setImmediate(resolve))
  }

  /** Ends all faults and all trading, and waits until nothing is open or awaited on our side. */
  async calm(): Promise<void> {
    for (const simulator of this.simulators.values()) simulator.faults.clear()
    if (this.#life === null) await this.start()
    const { trader } = this.life
    await this.until(() => trader.state === 'running', 'the node runs')
    for (const run of trader.runs.values())
      if (run.status === 'running') void trader.stopRun(run.setup.id).catch(() => {})
    await this.until(
      () => [...trader.runs.values()].every(run => run.status !== 'running' && run.openOrderCount === 0),
      `all orders are over: ${JSON.stringify([...trader.runs.values()].flatMap(run => run.openOrders.map(order => [order.request.id, order.state, order.venueOrderId])))}`,
    )
    // Late fills and the last reconciliation.
    await this.pass(70_000)
  }

  /** What differs between our books and the venues'; nothing if all is well. */
  differences(): string[] {
    const negative = [...this.life.trader.runs.values()].filter(run => run.holding.quantity < 0)
    return [
      ...negative.map(run => `${run.instrument.venue}: the position is negative`),
      ...[...this.simulators].flatMap(([name, simulator]) =>
        differencesAt(name, simulator, this.disk.facts, this.#begin.get(name)!),
      ),
    ]
  }
}

/** Timers that end with the process that set them. */
function mortalTimers(timers: Timers): Timers & { die(): void } {
  const set = new Set<Timer>()
  let isDead = false
  const keep = (timer: Timer): Timer => {
    set.add(timer)
    return timer
  }
  return {
    after: (delayMs, run) => (isDead ? { cancel() {} } : keep(timers.after(delayMs, run))),
    every: (periodMs, run) => (isDead ? { cancel() {} } : keep(timers.every(periodMs, run))),
    die() {
      isDead = true
      for (const timer of set) timer.cancel()
    },
  }
}
