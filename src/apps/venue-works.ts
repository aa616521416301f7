import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { HOUSE } from '../exchange/index.ts'
import { AppError, type Clock, type IdSource, type Instrument, type TenantId, type Timers } from '../kernel/index.ts'
import type { MarketDisplay } from '../market/index.ts'
import {
  type Config,
  type Database,
  type EventTypes,
  type Log,
  type Metrics,
  type SocketHub,
  type Supervisor,
  systemRandom,
} from '../platform/index.ts'
import { databaseReconciliation, discrepancyMetrics, type Trader, VenueDesk } from '../trading/index.ts'
import {
  ConnectedVenue,
  type ConnectedVenueOptions,
  keepBreakerHistory,
  nodeTransport,
  VENUES,
  type VenueAtWork,
  type VenueName,
  venueKey,
  venueMetrics,
} from '../venues/index.ts'
import { DEMO_TENANT, DEMO_VENUES } from './demo.ts'
import type { HouseWorks } from './house-works.ts'
import { startSimulatedVenues } from './simulated-venues.ts'
import { VenueMarket } from './venue-market.ts'

const PUBLISH_MS = 1_000

/** What the simulated venues of the demo list, the venue first that a pair alone means. */
export const demoInstruments = (): Instrument[] =>
  demoVenues().flatMap(name =>
    SIMULATED_VENUES.filter(one => one.name === name).flatMap(({ instruments }) =>
      instruments.map(({ instrument }) => instrument),
    ),
  )

/** Those of the demo's venues that can be both simulated and connected. */
const demoVenues = (): VenueName[] =>
  DEMO_VENUES.filter(name => VENUES[name] !== undefined && SIMULATED_VENUES.some(one => one.name === name))

export interface VenueWorksOptions {
  readonly db: Database
  readonly types: EventTypes
  readonly instruments: readonly Instrument[]
  readonly trader: Trader
  /** The house exchange, open by the time that the venues are prepared. */
  readonly house: Pick<HouseWorks, 'atWork'>
  readonly display: MarketDisplay
  readonly config: Config
  readonly dataDir: string
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly log: Log
  readonly supervisor: Supervisor
  readonly hub: SocketHub
  readonly metrics: Metrics
}

/** Puts the venues of a process together: the simulated ones, the connections to them, the desk, and what pages see. */
export class VenueWorks {
  readonly #options: VenueWorksOptions
  #desk: VenueDesk | null = null
  #market: VenueMarket | null = null

  constructor(options: VenueWorksOptions) {
    this.#options = options
  }

  /** Null until the venues are connected. */
  get desk(): VenueDesk | null {
    return this.#desk
  }

  /** @throws AppError `node.unavailable` for another tenant, and until the venues are connected */
  deskOf(tenant: TenantId): VenueDesk {
    if (tenant !== DEMO_TENANT || this.#desk === null)
      throw new AppError('node.unavailable', { rule: 'no venues are connected for this tenant here' })
    return this.#desk
  }

  /** Starts the simulated venues and connects to them; the market's past is read. */
  async prepare(): Promise<void> {
    const { dataDir, config, clock, timers, log, supervisor, instruments, db, types, ids, trader, display, metrics } =
      this.#options
    const names = demoVenues()
    const simulated = await startSimulatedVenues({
      names,
      dataDir,
      seed: config.seed,
      clock,
      timers,
      log,
      supervisor,
    })
    const transport = nodeTransport(timers)
    supervisor.onStop('connections to venues', () => transport.close())
    const idsOf = (venue: string) => instruments.filter(one => one.venue === venue).map(({ id }) => id)
    const watchCalls = venueMetrics(metrics, () => venues)
    /** What every venue tells of its calls, whatever it is. */
    const told = (name: string) => {
      const history = keepBreakerHistory({ db, tenant: DEMO_TENANT, venue: name, ids, log })
      const onBreaker: ConnectedVenueOptions['onBreaker'] = (kind, change) => history.keep(kind, change)
      return { onBreaker, onCall: watchCalls(name) }
    }
    const connected = simulated.map(({ name, endpoint, credentials }) => {
      return new ConnectedVenue({
        venue: name,
        mode: 'simulated',
        isTestnet: false,
        mayTrade: true,
        endpoint,
        key: venueKey(credentials),
        instruments: idsOf(name),
        transport,
        clock,
        timers,
        random: systemRandom(),
        log,
        ...told(name),
      })
    })
    const venues: VenueAtWork[] = [...connected, this.#options.house.atWork(told(HOUSE))]
    this.#desk = new VenueDesk({
      venues,
      instruments: new Map(venues.map(({ name }) => [name, idsOf(name)])),
      trader: () => trader,
      journal: databaseReconciliation({ db, tenant: DEMO_TENANT, ids, types }),
      onMarket: input => display.onInput(input),
      onFound: discrepancyMetrics(metrics),
      clock,
      timers,
      ids,
      log,
    })
    const desk = this.#desk
    supervisor.onStop('venues', () => desk.close())
    this.#market = new VenueMarket({ dataDir, venues, instruments, display, clock, timers, log })
    await this.#market.prepare()
    for (const venue of venues) venue.start(instruments)
  }

  /** The node runs: the venues are watched, and trading begins as they are reconciled. */
  open(): void {
    const { hub, timers, supervisor } = this.#options
    const [desk, market] = [this.#desk!, this.#market!]
    desk.open()
    market.open()
    hub.offer({
      match: topic => topic === 'venues',
      permission: 'venues:read',
      kind: 'state',
      snapshot: ({ tenant }) => this.deskOf(tenant).views(),
    })
    const publishing = timers.every(PUBLISH_MS, () => hub.publish(DEMO_TENANT, 'venues', desk.views()))
    supervisor.onStop('market', async () => {
      publishing.cancel()
      await market.stop()
    })
  }
}
