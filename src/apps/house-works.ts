import { hostname } from 'node:os'
import {
  BooksReconciler,
  Exchange,
  exchangeMetrics,
  FeeDesk,
  HOUSE,
  HouseAtWork,
  type HouseAtWorkOptions,
  historyThreads,
  houseId,
  listMarket,
  offerExchangeTopics,
  Shards,
  setPhase,
  snapshotThread,
  TransferDesk,
} from '../exchange/index.ts'
import {
  AppError,
  type Clock,
  defineInstrument,
  type IdSource,
  type Instrument,
  parseDecimal,
  type TenantId,
  type Timers,
} from '../kernel/index.ts'
import { openAccounts, openAssets, post } from '../ledger/index.ts'
import type { Database, EventTypes, Log, Metrics, RouteDeps, SocketHub, Supervisor } from '../platform/index.ts'
import { DEMO_TENANT } from './demo.ts'
import {
  ASSET_SCALES,
  DEMO_ENDOWMENTS,
  type Endowment,
  HOUSE_ENGINE,
  HOUSE_LIMITS,
  HOUSE_MARKETS,
  RUNS_OWNER,
} from './house.ts'

const SHARDS = 1

/** The house's instruments as the rest of the product knows them. */
export const houseInstruments = (): Instrument[] =>
  HOUSE_MARKETS.map(({ pair, tick, lot, quantityMin, notionalMin }) =>
    defineInstrument({ venue: HOUSE, pair, tick, lot, quantityMin, notionalMin }),
  )

export interface HouseWorksOptions {
  readonly db: Database
  readonly url: string
  readonly types: EventTypes
  readonly hub: SocketHub
  readonly metrics: Metrics
  readonly supervisor: Supervisor
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly log: Log
}

/** Puts the house exchange of a process together: shards, history and ledger, transfers, streams and comparisons. */
export class HouseWorks {
  readonly #options: HouseWorksOptions
  readonly #shards: Shards
  readonly #exchange: Exchange
  readonly #transfers: TransferDesk
  readonly #reconciler: BooksReconciler
  readonly #fees: FeeDesk

  constructor(options: HouseWorksOptions) {
    this.#options = options
    const { db, url, ids, clock, timers, log, types } = options
    const tenant = DEMO_TENANT
    const shards = new Shards({
      tenant,
      shards: SHARDS,
      maker: HOUSE_ENGINE,
      limits: HOUSE_LIMITS,
      db,
      url,
      owner: `${hostname()}/${process.pid}`,
      history: historyThreads({ url, limits: HOUSE_LIMITS }, { timers, log }),
      clock,
      timers,
      log,
      snapshots: name => snapshotThread({ ...name, url, limits: HOUSE_LIMITS }, log),
    })
    this.#shards = shards
    this.#exchange = new Exchange(shards, { db, tenant, clock })
    this.#transfers = new TransferDesk({ tenant, db, types, exchange: this.#exchange, shards, ids, clock, timers, log })
    this.#reconciler = new BooksReconciler({ tenant, shards, clock, timers, log })
    this.#fees = new FeeDesk({ tenant, db, shards, limits: HOUSE_LIMITS, clock, timers, log })
    exchangeMetrics(options.metrics, shards, this.#reconciler)
  }

  /** What routes are given. */
  get deps(): Pick<RouteDeps, 'exchange' | 'transfers' | 'comparisons' | 'fees'> {
    const own =
      <T>(service: T) =>
      (tenant: TenantId): T => {
        if (tenant === DEMO_TENANT) return service
        throw new AppError('exchange.unavailable', { rule: 'this tenant takes no part in the exchange' })
      }
    return {
      exchange: own(this.#exchange),
      transfers: own(this.#transfers),
      comparisons: own(this.#reconciler),
      fees: own(this.#fees),
    }
  }

  get subscription() {
    return this.#transfers.subscription
  }

  /** The exchange beside the outside venues, for the runs of the demo; what it tells of its calls goes to `told`. */
  atWork(told: Pick<HouseAtWorkOptions, 'onBreaker' | 'onCall'>): HouseAtWork {
    const { clock, timers, log } = this.#options
    const instruments = houseInstruments().map(({ id }) => id)
    const [exchange, shards] = [this.#exchange, this.#shards]
    const how = { mode: 'simulated', owner: RUNS_OWNER, instruments } as const
    return new HouseAtWork({ exchange, shards, ...how, clock, timers, log, ...told })
  }

  /** Loads the shards, lists what is not listed yet, and opens for business once this process owns them. */
  async open(isDemo: boolean): Promise<void> {
    const { hub, supervisor, clock, timers } = this.#options
    const [shards, exchange] = [this.#shards, this.#exchange]
    await shards.start()
    supervisor.onStop('exchange', () => shards.stop())
    await shards.opened()
    for (const market of HOUSE_MARKETS) await this.#list(market.pair)
    const streaming = offerExchangeTopics({ hub, exchange, shards, tenant: DEMO_TENANT, clock, timers })
    void this.#fees.start()
    this.#transfers.start()
    this.#reconciler.start()
    supervisor.onStop('transfers, comparisons and fees', async () => {
      streaming.cancel()
      this.#reconciler.stop()
      await this.#fees.stop()
      await this.#transfers.stop()
    })
    if (isDemo) for (const endowment of DEMO_ENDOWMENTS) await this.#endow(endowment)
  }

  async #list(pair: string): Promise<void> {
    const known = this.#shards.markets().some(({ market }) => market.instrument.pair === pair)
    if (known) return
    const spec = HOUSE_MARKETS.find(market => market.pair === pair)!
    const [base, quote] = pair.split('/') as [string, string]
    await listMarket(this.#shards, 0, spec, { base: ASSET_SCALES[base]!, quote: ASSET_SCALES[quote]! })
    await setPhase(this.#shards, houseId(pair), 'trading')
  }

  /** Gives a participant of the demo its first money, once: from outside to the wallet, and some of it on to trade with. */
  async #endow({ owner, wallet, trading }: Endowment): Promise<void> {
    const { db, ids, clock } = this.#options
    const at = clock.now()
    const isNew = await db.tenant(DEMO_TENANT, async tx => {
      const assets = Object.keys(wallet).map(code => ({ code, scale: ASSET_SCALES[code]! }))
      await openAssets(tx, assets)
      const lines = []
      for (const { code, scale } of assets) {
        const [outside, own] = await openAccounts(
          tx,
          [
            { kind: 'outside', owner: 'demo', asset: code, minimum: null },
            { kind: 'client_wallet', owner, asset: code },
          ],
          ids,
        )
        const amount = parseDecimal(wallet[code]!, scale)
        lines.push({ account: outside!.id, asset: code, amount: -amount }, { account: own!.id, asset: code, amount })
      }
      const key = `demo/${owner}`
      const [posted] = await post(tx, [{ key, kind: 'deposit', at, cause: key, lines }], ids)
      return posted!.outcome === 'posted'
    })
    if (!isNew) return
    for (const [asset, amount] of Object.entries(trading)) {
      const { id } = await this.#transfers.request(owner, { direction: 'in', asset, amount })
      await this.#transfers.finished(id)
    }
  }
}
