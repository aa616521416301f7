import { AppError, decodeJson, type InstrumentId, type Micros, type RunId } from '../../kernel/index.ts'
import type { Effect, NodeCommand, NodeInput, RunSetup } from './input.ts'
import { Run, type RunSnapshot } from './run.ts'
import type { AnyStrategy } from './strategy.ts'

/** Runs of one node; a further one is refused. */
export const RUNS_MAX = 200

/** Finds a strategy by name; the composition root knows them. */
export type StrategyLookup = (name: string) => AnyStrategy | undefined

export interface NodeOptions {
  readonly strategies: StrategyLookup
  /** Inputs seen before, when going on from snapshots. */
  readonly position?: number
  readonly killed?: boolean
}

/**
 * The trading node: one deterministic loop. `handle` takes one input, synchronously, and gives the effects that the
 * shell is to carry out. No clock, no randomness, no I/O: the same inputs give the same effects in backtest, paper and live.
 */
export class TradingNode {
  readonly #strategies: StrategyLookup
  readonly #runs = new Map<RunId, Run>()
  readonly #byInstrument = new Map<InstrumentId, Run[]>()
  #position: number
  #killed: boolean

  constructor(options: NodeOptions) {
    this.#strategies = options.strategies
    this.#position = options.position ?? 0
    this.#killed = options.killed ?? false
  }

  /** Number of the last input handled. */
  get position(): number {
    return this.#position
  }

  get isKilled(): boolean {
    return this.#killed
  }

  get runs(): ReadonlyMap<RunId, Run> {
    return this.#runs
  }

  /**
   * Handles one input and gives its effects, in order. Effects go to `effects` when it is given, so that a hot loop can
   * reuse one list.
   * @throws AppError for a command that cannot be: `strategy.unknown`, `strategy.parameters_invalid`, `run.unknown`, `run.state`, `run.limit`
   */
  handle(input: NodeInput, effects: Effect[] = []): Effect[] {
    const position = ++this.#position
    switch (input.kind) {
      case 'trade':
      case 'book':
      case 'candle': {
        const runs = this.#byInstrument.get(input.instrument)
        if (runs !== undefined) for (let i = 0; i < runs.length; i++) runs[i]!.onMarket(input, position, effects)
        return effects
      }
      case 'report':
        this.#run(input.run).onReport(input.data, input.at, position, effects)
        return effects
      case 'unresolved':
        this.#run(input.run).onUnresolved(input.order, input.reason, input.at, position, effects)
        return effects
      case 'feed': {
        const runs = this.#byInstrument.get(input.instrument)
        if (runs !== undefined) for (const run of runs) run.onFeed(input.staleness, input.at, position, effects)
        return effects
      }
      case 'timer':
        for (const run of this.#runs.values()) run.onTimer(input.at, position, effects)
        return effects
      case 'command':
        this.#command(input.data, input.at, position, effects)
        return effects
    }
  }

  #command(command: NodeCommand, at: Micros, position: number, effects: Effect[]): void {
    switch (command.type) {
      case 'start_run':
        this.#start(command, at, position, effects)
        return
      case 'stop_run':
        this.#run(command.run).stop(at, position, effects)
        return
      case 'configure_run':
        this.#configure(command.run, command.parameters, at, position, effects)
        return
      case 'cancel_order':
        this.#run(command.run).cancelOrder(command.order, at, position, effects)
        return
      case 'recall_order':
        this.#run(command.run).recall(command.order)
        return
      case 'kill':
      case 'lift':
        this.#killed = command.type === 'kill'
        for (const run of this.#runs.values()) run.setKilled(this.#killed, at, position, effects)
        return
    }
  }

  #start(command: Extract<NodeCommand, { type: 'start_run' }>, at: Micros, position: number, effects: Effect[]): void {
    const { setup } = command
    const strategy = this.#strategies(setup.strategy)
    if (strategy === undefined)
      throw new AppError('strategy.unknown', { field: 'strategy', rule: `is a known strategy`, value: setup.strategy })
    const before = this.#runs.get(setup.id)
    if (before === undefined && this.#runs.size >= RUNS_MAX) throw new AppError('run.limit', { runsMax: RUNS_MAX })
    if (before !== undefined && (before.status === 'running' || before.openOrderCount > 0))
      throw new AppError('run.state', { field: 'run', rule: 'has ended, with no order open, before it starts again' })
    const snapshot = command.resume === undefined ? undefined : decodeJson<RunSnapshot>(command.resume)
    const run = new Run(setup, strategy, snapshot)
    if (before !== undefined && snapshot === undefined) run.carry(before)
    if (command.history !== undefined) run.warm(command.history)
    this.#runs.set(setup.id, run)
    this.#route()
    if (snapshot === undefined) run.start(this.#killed, at, position, effects)
    else run.setKilled(this.#killed, at, position, effects)
  }

  #configure(
    id: RunId,
    parameters: Readonly<Record<string, unknown>>,
    at: Micros,
    position: number,
    effects: Effect[],
  ): void {
    const before = this.#run(id)
    if (before.status === 'running' || before.openOrderCount > 0)
      throw new AppError('run.state', { field: 'run', rule: 'has ended before its parameters change' })
    const setup = { ...before.setup, parameters }
    const run = new Run(setup, this.#strategyOf(setup))
    run.carry(before)
    this.#runs.set(id, run)
    this.#route()
    run.configure(before, at, position, effects)
  }

  #strategyOf({ strategy: name }: RunSetup): AnyStrategy {
    const strategy = this.#strategies(name)
    if (strategy === undefined)
      throw new AppError('strategy.unknown', { field: 'strategy', rule: 'is a known strategy', value: name })
    return strategy
  }

  #route(): void {
    this.#byInstrument.clear()
    for (const run of this.#runs.values()) {
      const { id } = run.setup.instrument
      const there = this.#byInstrument.get(id)
      if (there === undefined) this.#byInstrument.set(id, [run])
      else there.push(run)
    }
  }

  #run(id: RunId): Run {
    const run = this.#runs.get(id)
    if (run === undefined) throw new AppError('run.unknown', { field: 'run', rule: 'is a run of this node', value: id })
    return run
  }
}
