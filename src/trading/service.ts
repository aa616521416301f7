import { z } from 'zod'
import {
  AppError,
  type Candle,
  type Clock,
  divideHalfUp,
  formatDecimal,
  type IdSource,
  type InstrumentId,
  type Micros,
  notionalScale,
  type OrderId,
  type Principal,
  parseDecimal,
  powerOfTen,
  priceText,
  quantityText,
  type RunId,
  roundedText,
  type TenantId,
} from '../kernel/index.ts'
import { type InstrumentCatalogue, intervalName, intervalOf, type MarketDisplay } from '../market/index.ts'
import type { PaperSettings } from '../venues/index.ts'
import type { KillLatch } from './kill-switch/latch.ts'
import { type AnyStrategy, parseParameters } from './node/strategy.ts'
import { equityOf, type Position, unrealisedOf } from './portfolio/position.ts'
import type { RunRecord } from './store.ts'
import type { Trader } from './trader/trader.ts'
import type { EquityPoint, KillSwitchView, PositionView, RunView, StrategyView } from './views.ts'

const ALLOCATION_MAX = 1_000_000_000n
/** Decimals of money on pages. */
const MONEY_DECIMALS = 2
/** Closed candles that a new run is warmed with at most. */
const HISTORY_MAX = 20_000

export interface TradingOptions {
  readonly tenant: TenantId
  readonly trader: Trader
  readonly latch: KillLatch
  readonly display: MarketDisplay
  readonly catalogue: InstrumentCatalogue
  readonly strategies: readonly AnyStrategy[]
  /** Fees and latency of the paper venue; null where orders go to the instruments' own venues. */
  readonly paper: PaperSettings | null
  /** A run has started: whoever knows tells it how its market stands. */
  readonly onStarted?: (instrument: InstrumentId) => void
  readonly clock: Clock
  readonly ids: IdSource
  /** Closed candles of the past, newest last, to warm a run; what is known, at most `count`. */
  readonly history: (instrument: string, interval: Micros, count: number) => readonly Candle[]
}

export interface NewRun {
  readonly name: string
  readonly strategy: string
  readonly instrument: string
  readonly interval: string
  readonly parameters: Record<string, unknown>
  readonly allocation: string
}

/** What people and clients do with trading, for one tenant. */
export class Trading {
  readonly #options: TradingOptions

  constructor(options: TradingOptions) {
    this.#options = options
  }

  get tenant(): TenantId {
    return this.#options.tenant
  }

  strategies(): StrategyView[] {
    return this.#options.strategies.map(({ name, title, description, parameters }) => ({
      name,
      title,
      description,
      parameters: z.toJSONSchema(parameters, { io: 'input' }) as Record<string, unknown>,
    }))
  }

  /** Runs as last committed, oldest first, valued at the present price. */
  runs(): RunView[] {
    return [...this.#options.trader.records.values()].sort(byAge).map(record => this.#runView(record))
  }

  /** @throws AppError `run.unknown` */
  run(id: string): RunView {
    return this.#runView(this.#record(id))
  }

  positions(): PositionView[] {
    return [...this.#options.trader.records.values()].sort(byAge).map(record => this.#positionView(record))
  }

  /** Equity of every run and of all together, now. */
  equity(): EquityPoint[] {
    const at = this.#options.clock.now()
    const points = this.runs().map(run => ({ run: run.id as string | null, at, equity: run.equity }))
    return points.length === 0 ? [] : [...points, totalOf(points, at)]
  }

  /** Starts a run and answers once that is durable. @throws AppError naming the field */
  async start(wish: NewRun): Promise<RunView> {
    const { catalogue, ids, clock, trader, tenant } = this.#options
    const strategy = this.#strategy(wish.strategy)
    const instrument = catalogue.resolvePair(wish.instrument)
    const interval = intervalOf(wish.interval)
    const allocation = parseDecimal(wish.allocation, MONEY_DECIMALS, 'allocation')
    if (allocation <= 0n || allocation > ALLOCATION_MAX * powerOfTen(MONEY_DECIMALS))
      throw new AppError('request.invalid', { field: 'allocation', rule: `is above 0 and at most ${ALLOCATION_MAX}` })
    if (this.#options.latch.read() !== null)
      throw new AppError('kill_switch.active', { fix: 'Lift the kill switch first.' })
    const id = ids.next() as RunId
    const setup = {
      id,
      tenant,
      name: wish.name,
      strategy: strategy.name,
      instrument,
      interval,
      parameters: parseParameters(strategy, wish.parameters),
      allocation: wish.allocation,
      paper: this.#options.paper,
      seed: `${id}/${clock.now()}`,
    }
    await trader.startRun(setup, this.#history(setup))
    this.#options.onStarted?.(instrument.id)
    return this.run(id)
  }

  /** Starts a run that had ended; it keeps what it holds. @throws AppError `run.unknown`, `run.state` */
  async restart(id: string): Promise<RunView> {
    const { setup, status } = this.#record(id)
    if (status === 'running') throw new AppError('run.state', { field: 'run', rule: 'has ended' })
    if (this.#options.latch.read() !== null)
      throw new AppError('kill_switch.active', { fix: 'Lift the kill switch first.' })
    await this.#options.trader.startRun(setup, this.#history(setup))
    this.#options.onStarted?.(setup.instrument.id)
    return this.run(id)
  }

  /** @throws AppError `run.unknown`, `run.state` */
  async stop(id: string): Promise<RunView> {
    const { setup, status } = this.#record(id)
    if (status !== 'running') throw new AppError('run.state', { field: 'run', rule: 'is running' })
    await this.#options.trader.stopRun(setup.id)
    return this.run(id)
  }

  /** Changes parameters for the next start of an ended run; those that are not given stay. @throws AppError `run.unknown`, `run.state`, `strategy.parameters_invalid` */
  async configure(id: string, parameters: Record<string, unknown>): Promise<RunView> {
    const { setup } = this.#record(id)
    const merged = { ...setup.parameters, ...parameters }
    await this.#options.trader.configureRun(setup.id, parseParameters(this.#strategy(setup.strategy), merged))
    return this.run(id)
  }

  /** @throws AppError `run.unknown`, `order.unknown` */
  async cancelOrder(run: string, order: string): Promise<void> {
    await this.#options.trader.cancelOrder(this.#record(run).setup.id, order as OrderId)
  }

  /** Stops everything, now; see {@link Trader.kill}. */
  kill(principal: Principal, reason: string): KillSwitchView {
    this.#options.trader.kill(principal.name, reason)
    return this.killSwitch()
  }

  /** @throws AppError `state.conflict` when it is not on */
  lift(principal: Principal, reason: string): KillSwitchView {
    if (this.#options.latch.read() === null)
      throw new AppError('state.conflict', { field: 'kill switch', rule: 'is on before it can be lifted' })
    this.#options.trader.lift(principal.name, reason)
    return this.killSwitch()
  }

  killSwitch(): KillSwitchView {
    const { latch, trader, clock } = this.#options
    const latched = latch.read()
    const runs = [...trader.runs.values()]
    return {
      active: latched !== null,
      since: latched?.since ?? null,
      by: latched?.by ?? null,
      reason: latched?.reason ?? null,
      receipt: trader.receipt.lines(clock.now()),
      wouldCancel: runs.reduce((count, run) => count + run.openOrderCount, 0),
      positionsOpen: runs.filter(run => run.holding.quantity !== 0).length,
    }
  }

  #strategy(name: string): AnyStrategy {
    const strategy = this.#options.strategies.find(one => one.name === name)
    if (strategy === undefined)
      throw new AppError('strategy.unknown', {
        field: 'strategy',
        rule: `is one of ${this.#options.strategies.map(one => one.name).join(', ')}`,
      })
    return strategy
  }

  #history({ strategy, instrument, interval, parameters }: RunRecord['setup']): readonly Candle[] {
    const count = Math.min(HISTORY_MAX, this.#strategy(strategy).warmup(parameters))
    return this.#options.history(instrument.id, interval, count)
  }

  #record(id: string): RunRecord {
    const record = this.#options.trader.records.get(id as RunId)
    if (record === undefined) throw new AppError('run.unknown', { field: 'run', rule: 'is a run of yours' })
    return record
  }

  #runView(record: RunRecord): RunView {
    const { setup, life, status, openOrders } = record
    const { instrument } = setup
    const scale = notionalScale(instrument)
    const mark = this.#options.display.mark(instrument.id)
    const equity = equityOf(instrument, parseDecimal(setup.allocation, scale), record.holding, mark?.price ?? null)
    return {
      id: setup.id,
      name: setup.name,
      strategy: setup.strategy,
      mode: 'paper',
      instrument: instrument.id,
      interval: intervalName(setup.interval),
      state: status === 'stopped' && openOrders > 0 ? 'stopping' : status,
      parameters: { ...setup.parameters },
      allocation: setup.allocation,
      equity: roundedText(equity, scale, MONEY_DECIMALS),
      openOrders,
      trades: record.fills,
      startedAt: life.startedAt,
      stoppedAt: life.stoppedAt,
      error: record.error,
    }
  }

  #positionView({ setup, holding }: RunRecord): PositionView {
    const { instrument } = setup
    const scale = notionalScale(instrument)
    const money = (units: bigint) => roundedText(units, scale, MONEY_DECIMALS)
    const mark = this.#options.display.mark(instrument.id)
    const unrealised = mark === null ? 0n : unrealisedOf(instrument, holding, mark.price)
    return {
      run: setup.id,
      runName: setup.name,
      instrument: instrument.id,
      quantity: quantityText(instrument, holding.quantity),
      averageCost: averageCost(holding, instrument),
      markPrice: mark === null ? null : priceText(instrument, mark.price),
      markedAt: mark?.at ?? null,
      realised: money(holding.realised),
      unrealised: money(unrealised),
      fees: money(holding.fees),
      net: money(holding.realised + unrealised - holding.fees),
    }
  }
}

/** Ids are ordered by the time of their making: the order stays when a run is started again. */
const byAge = (a: RunRecord, b: RunRecord): number => (a.setup.id < b.setup.id ? -1 : 1)

/** Cost over quantity, at the tick's decimals and two more; null when flat. */
function averageCost({ cost, quantity }: Position, instrument: RunRecord['setup']['instrument']): string | null {
  if (quantity === 0) return null
  const units = divideHalfUp(cost * 100n, BigInt(Math.abs(quantity) * instrument.lotSize))
  return formatDecimal(units, instrument.priceScale + 2)
}

/** The sum of points of one time; exact, in cents. */
export function totalOf(points: readonly EquityPoint[], at: Micros): EquityPoint {
  const sum = points.reduce((total, { equity }) => total + parseDecimal(equity, MONEY_DECIMALS), 0n)
  return { run: null, at, equity: formatDecimal(sum, MONEY_DECIMALS) }
}
