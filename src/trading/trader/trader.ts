import {
  AppError,
  assert,
  type Candle,
  type Clock,
  decodeJson,
  type MarketInput,
  type Micros,
  type OrderId,
  type RunId,
  type Timer,
  type Timers,
} from '../../kernel/index.ts'
import type { Log } from '../../platform/index.ts'
import type { KillLatch } from '../kill-switch/latch.ts'
import { KillReceipt } from '../kill-switch/receipt.ts'
import type { Effect, NodeCommand, NodeInput, RunSetup } from '../node/input.ts'
import { type StrategyLookup, TradingNode } from '../node/node.ts'
import type { Run, RunSnapshot } from '../node/run.ts'
import type { Order } from '../orders/order.ts'
import { type RunLife, type RunRecord, recordOf } from '../store.ts'
import type { Batch, SwitchFact, TradingJournal } from './journal.ts'

/** Effects that may wait for a commit; past it the database is too slow to trade on, and the node ends as on a failed commit. */
export const PENDING_EFFECTS_MAX = 50_000
/** Every run is saved at least once in as many inputs, whether it traded or not. */
const SAVE_EVERY_INPUTS = 5_000
const RESTART_AFTER_MS = 1_000

/** Takes down what the node is given and what it gives. */
export interface NodeRecorder {
  /** `position` is how many inputs the node had seen before this one. */
  record(input: NodeInput, effects: readonly Effect[], position: number): void
}

export interface TraderOptions {
  readonly journal: TradingJournal
  readonly strategies: StrategyLookup
  readonly latch: KillLatch
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** Called after every commit, and when what is shown may have changed. */
  readonly onCommit?: (effects: readonly Effect[]) => void
  /** A node has begun, at the start or after a failed commit: its open orders are as they were made durable. */
  readonly onStart?: () => void
  /** Carries out what waits for the commit; the paper venue needs none. */
  readonly send?: (effect: Extract<Effect, { kind: 'send' }>) => void
  /** Cancels go out at once. */
  readonly cancel?: (effect: Extract<Effect, { kind: 'cancel' }>) => void
  readonly recorder?: NodeRecorder
  /** For figures: how long a commit took, how long an input took. */
  readonly onCommitted?: (durationMs: number) => void
  readonly onHandled?: (durationMs: number) => void
  readonly elapsedMs?: () => number
}

/** `halted`: a commit failed; nothing trades until the durable state has been loaded again. */
export type TraderState = 'stopped' | 'running' | 'halted'

interface Pending {
  effects: Effect[]
  switchFacts: SwitchFact[]
  waiting: { resolve: () => void; reject: (error: unknown) => void }[]
}

const nothing = (): Pending => ({ effects: [], switchFacts: [], waiting: [] })

/**
 * The shell around one node: feeds it inputs, commits what it persists, and only then sends what depends on it. While
 * one commit is under way the next batch gathers. A failed commit ends the node; it starts again from the durable state,
 * which is the same path as any start.
 */
export class Trader {
  readonly #options: TraderOptions
  readonly #receipt = new KillReceipt()
  #node: TradingNode
  #state: TraderState = 'stopped'
  #lives = new Map<RunId, RunLife>()
  #records = new Map<RunId, RunRecord>()
  #pending = nothing()
  /** Facts about the switch that no commit has taken yet: they outlive a failed one. */
  #unsavedSwitchFacts: SwitchFact[] = []
  #committing: Promise<void> | null = null
  #inputsSinceSave = 0
  #restart: Timer | null = null
  /** How often it was told to stop: a start that was under way then does not go on. */
  #stops = 0
  #timer: { at: Micros; handle: Timer } | null = null

  constructor(options: TraderOptions) {
    this.#options = options
    this.#node = this.#newNode(0)
  }

  get state(): TraderState {
    return this.#state
  }

  get runs(): ReadonlyMap<RunId, Run> {
    return this.#node.runs
  }

  /** Runs as they were last made durable: what may be shown. */
  get records(): ReadonlyMap<RunId, RunRecord> {
    return this.#records
  }

  get receipt(): KillReceipt {
    return this.#receipt
  }

  /** Loads the durable state and begins to trade. @throws AppError `database.unavailable` */
  async start(): Promise<void> {
    assert(this.#state !== 'running', 'the trader runs already')
    const stops = this.#stops
    const saved = await this.#options.journal.load()
    if (stops !== this.#stops) return
    const runs = saved.map(({ snapshot, life }) => ({
      text: snapshot,
      life,
      snapshot: decodeJson<RunSnapshot>(snapshot),
    }))
    this.#pending = { ...nothing(), switchFacts: this.#unsavedSwitchFacts }
    this.#node = this.#newNode(runs.reduce((position, { snapshot }) => Math.max(position, snapshot.position), 0))
    this.#lives = new Map(runs.map(({ snapshot, life }) => [snapshot.setup.id, life]))
    this.#state = 'running'
    for (const { snapshot, text } of runs) this.#resume(snapshot.setup, text)
    this.#records = new Map()
    for (const run of this.#node.runs.values()) this.#keep(recordOf(run, this.#lives.get(run.setup.id)!))
    this.#wakeNext()
    this.#options.onStart?.()
    this.#commitSoon()
  }

  /** Commits what is pending and stops; runs stay as they are and go on at the next start. */
  async stop(): Promise<void> {
    this.#stops += 1
    this.#restart?.cancel()
    this.#timer?.handle.cancel()
    this.#timer = null
    while (this.#state === 'running' && (this.#committing !== null || this.#isDue())) {
      this.#commitSoon()
      await this.#committing
    }
    if (this.#state === 'running') await this.#saveAll()
    this.#state = 'stopped'
  }

  /** A market input; ignored while nothing trades. */
  onMarket(input: MarketInput): void {
    if (this.#state !== 'running') return
    this.#handle(input)
    this.#inputsSinceSave += 1
    this.#commitSoon()
  }

  /** A report of an outside venue, that a send stayed without answer, or how its market stands. */
  onVenue(input: Extract<NodeInput, { kind: 'report' | 'unresolved' | 'feed' }>): void {
    if (this.#state !== 'running') return
    this.#handle(input)
    this.#commitSoon()
  }

  /** Brings a closed order back to the node's mind, before news of it is handed on. */
  recall(run: RunId, order: Order): void {
    if (this.#state !== 'running') return
    this.#handle({ kind: 'command', at: this.#options.clock.now(), data: { type: 'recall_order', run, order } })
  }

  /** A closed order as it was made durable, and whose it is. */
  findOrder(order: OrderId): Promise<{ run: RunId; order: Order } | null> {
    return this.#options.journal.order(order, run => this.#node.runs.get(run)?.instrument)
  }

  /** Starts a run, anew or again, and resolves when that is durable. @throws AppError */
  async startRun(setup: RunSetup, history: readonly Candle[] = []): Promise<void> {
    await this.#command({ type: 'start_run', setup, history })
  }

  /** Stops a run and resolves when that is durable. @throws AppError `run.unknown` */
  async stopRun(run: RunId): Promise<void> {
    await this.#command({ type: 'stop_run', run })
  }

  /** Gives an ended run other parameters. @throws AppError `run.state`, `strategy.parameters_invalid` */
  async configureRun(run: RunId, parameters: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#command({ type: 'configure_run', run, parameters })
  }

  /** @throws AppError `order.unknown` */
  async cancelOrder(run: RunId, order: OrderId): Promise<void> {
    await this.#command({ type: 'cancel_order', run, order })
  }

  /**
   * Pulls the kill switch: latched on disk first, then every open order is asked to be canceled, at once and whether or
   * not the database answers. The receipt says what became of each.
   */
  kill(by: string, reason: string): void {
    const since = this.#options.clock.now()
    const open = [...this.#node.runs.values()].flatMap(run => run.openOrders.map(order => ({ run, order })))
    let latchError: unknown
    try {
      this.#options.latch.pull({ since, by, reason })
    } catch (error) {
      latchError = error
    }
    this.#receipt.open(open, since)
    this.#note({ type: 'kill_switch.pulled', at: since, data: { by, reason, openOrders: open.length } })
    this.#handle({ kind: 'command', at: since, data: { type: 'kill' } })
    this.#commitSoon()
    if (latchError !== undefined)
      this.#options.log.error(
        { error: latchError },
        'the kill switch is on, but its latch could not be written: it would not survive a restart',
      )
  }

  /** Lifts the kill switch; runs may place orders again. */
  lift(by: string, reason: string): void {
    this.#options.latch.lift()
    const at = this.#options.clock.now()
    this.#note({ type: 'kill_switch.lifted', at, data: { by, reason } })
    this.#handle({ kind: 'command', at, data: { type: 'lift' } })
    this.#commitSoon()
  }

  #newNode(position: number): TradingNode {
    const { strategies, latch } = this.#options
    return new TradingNode({ strategies, position, killed: latch.read() !== null })
  }

  /** A run that cannot go on (its strategy is gone, or refuses its parameters) is left as it lies; the others trade. */
  #resume(setup: RunSetup, snapshot: string): void {
    try {
      this.#handle({
        kind: 'command',
        at: this.#options.clock.now(),
        data: { type: 'start_run', setup, resume: snapshot },
      })
    } catch (error) {
      this.#options.log.error({ error, run: setup.id }, 'a run cannot go on')
    }
  }

  #note(fact: SwitchFact): void {
    this.#unsavedSwitchFacts.push(fact)
    this.#pending.switchFacts = this.#unsavedSwitchFacts
  }

  async #command(command: NodeCommand): Promise<void> {
    if (this.#state !== 'running') throw new AppError('node.unavailable')
    this.#handle({ kind: 'command', at: this.#options.clock.now(), data: command })
    await new Promise<void>((resolve, reject) => {
      this.#pending.waiting.push({ resolve, reject })
      this.#commitSoon()
    })
  }

  #handle(input: NodeInput): void {
    const { elapsedMs, onHandled, recorder } = this.#options
    const position = this.#node.position
    const started = elapsedMs?.()
    const effects = this.#node.handle(input)
    if (started !== undefined) onHandled?.(elapsedMs!() - started)
    recorder?.record(input, effects, position)
    for (const effect of effects) {
      if (effect.kind === 'cancel') this.#options.cancel?.(effect)
      else if (effect.kind === 'timer') this.#wakeAt(effect.at)
      else if (effect.kind === 'run') this.#live(effect)
      else if (effect.kind === 'persist') this.#receipt.onOrder(effect.order)
      else if (effect.kind === 'contradiction')
        this.#options.log.error({ ...effect }, 'a venue report contradicts what is known')
      this.#pending.effects.push(effect)
    }
    if (this.#pending.effects.length > PENDING_EFFECTS_MAX)
      this.#halt(new Error('the database is too slow to trade on'))
  }

  #keep(record: RunRecord): void {
    this.#records.set(record.setup.id, record)
  }

  #live(effect: Extract<Effect, { kind: 'run' }>): void {
    const before = this.#lives.get(effect.run)
    this.#lives.set(effect.run, {
      sequence: effect.sequence,
      startedAt: effect.type === 'started' ? effect.at : (before?.startedAt ?? effect.at),
      stoppedAt:
        effect.type === 'started' ? null : effect.type === 'configured' ? (before?.stoppedAt ?? null) : effect.at,
    })
  }

  /** One timer for the earliest wish: a strategy's timer fires even when the market says nothing. */
  #wakeAt(at: Micros): void {
    if (this.#timer !== null && this.#timer.at <= at) return
    this.#timer?.handle.cancel()
    const delayMs = Math.max(0, (at - this.#options.clock.now()) / 1_000)
    const fire = () => {
      this.#timer = null
      if (this.#state !== 'running') return
      this.#handle({ kind: 'timer', at: this.#options.clock.now() })
      this.#wakeNext()
      this.#commitSoon()
    }
    this.#timer = { at, handle: this.#options.timers.after(delayMs, fire) }
  }

  /** The earliest timer that any run still has. */
  #wakeNext(): void {
    let next = Number.POSITIVE_INFINITY
    for (const run of this.#node.runs.values()) next = Math.min(next, run.nextTimer)
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(next)
  }

  #isDue(): boolean {
    const { effects, switchFacts, waiting } = this.#pending
    return effects.length + switchFacts.length + waiting.length > 0 || this.#inputsSinceSave >= SAVE_EVERY_INPUTS
  }

  /** Commits what waits, if anything does; while a commit is under way, after it. */
  #commitSoon(): void {
    if (this.#committing !== null || this.#state !== 'running' || !this.#isDue()) return
    this.#committing = this.#commit().finally(() => {
      this.#committing = null
      this.#commitSoon()
    })
  }

  async #commit(): Promise<void> {
    const batch = this.#pending
    this.#pending = nothing()
    const isFull = this.#inputsSinceSave >= SAVE_EVERY_INPUTS
    if (isFull) this.#inputsSinceSave = 0
    const touched = new Set<RunId>()
    for (const effect of batch.effects) touched.add(effect.run)
    const started = this.#options.elapsedMs?.()
    const durable = this.#batchOf(batch, isFull ? null : touched)
    try {
      await this.#options.journal.commit(durable)
    } catch (error) {
      this.#halt(error)
      for (const { reject } of batch.waiting) reject(error)
      return
    }
    if (started !== undefined) this.#options.onCommitted?.(this.#options.elapsedMs!() - started)
    for (const record of durable.runs) this.#keep(record)
    this.#unsavedSwitchFacts = this.#unsavedSwitchFacts.filter(fact => !durable.switchFacts.includes(fact))
    this.#pending.switchFacts = this.#unsavedSwitchFacts
    for (const effect of batch.effects) if (effect.kind === 'send') this.#options.send?.(effect)
    for (const { resolve } of batch.waiting) resolve()
    this.#options.onCommit?.(batch.effects)
  }

  async #saveAll(): Promise<void> {
    try {
      await this.#options.journal.commit(this.#batchOf(nothing(), null))
    } catch (error) {
      this.#options.log.warn({ error }, 'the last state could not be saved; the next start goes on from the one before')
    }
  }

  /** Runs are taken as they stand at this moment, between two inputs; `null` takes all of them. */
  #batchOf(pending: Pending, touched: ReadonlySet<RunId> | null): Batch {
    const runs = [...this.#node.runs.values()]
      .filter(run => touched === null || touched.has(run.setup.id))
      .map(run => recordOf(run, this.#lives.get(run.setup.id)!))
    return { runs, effects: pending.effects, switchFacts: [...pending.switchFacts] }
  }

  /** Nothing trades any more; the durable state is loaded again as soon as it can be. */
  #halt(error: unknown): void {
    if (this.#state !== 'running') return
    this.#state = 'halted'
    this.#options.log.error({ error }, 'a commit failed: the node has ended and starts again from what is durable')
    for (const { reject } of this.#pending.waiting) reject(error)
    this.#pending = { ...nothing(), switchFacts: this.#unsavedSwitchFacts }
    this.#options.onCommit?.([])
    this.#retry()
  }

  #retry(): void {
    this.#restart = this.#options.timers.after(RESTART_AFTER_MS, () => {
      if (this.#state !== 'halted') return
      // What is durable is known only once the commit under way has ended, one way or the other.
      if (this.#committing !== null) {
        this.#retry()
        return
      }
      this.start().then(
        () => this.#options.log.info('the node trades again'),
        error => {
          this.#options.log.warn({ error }, 'the node cannot start yet')
          this.#retry()
        },
      )
    })
  }
}
