import { assert, type Ticks } from '../../kernel/index.ts'
import type { EngineCommand, SetPhase, SetReference } from './command.ts'
import type { Engine, EngineLimits, EngineState } from './engine.ts'
import { amend, cancelAll, cancelNamed } from './fast/amending.ts'
import { NONE } from './fast/arrays.ts'
import { cancel } from './fast/booking.ts'
import { Core, touch } from './fast/core.ts'
import type { Ladder } from './fast/ladder.ts'
import { endPhases, enter, indicate } from './fast/phases.ts'
import { place } from './fast/placing.ts'
import { addAccount, addAsset, addInstrument, deposit, setFees, withdraw } from './fast/registering.ts'
import { restore, save } from './fast/saving.ts'
import { triggerStops } from './fast/stops.ts'
import type { Refusal, ReportSink } from './report.ts'
import { isAmount, isPhaseValid } from './rules.ts'
import { savedEngine } from './state.ts'

/**
 * The fast engine: orders, levels and funds in typed arrays, queues and levels as lists through them, prices in a tree of bitmaps.
 * It makes no object for a command. What a command does is told in the naive engine, and both are held to the same reports.
 */
export const createFastEngine = (limits: EngineLimits): Engine => new FastEngine(new Core(limits))

/** Goes on where `state()` was taken, of either engine. @throws InvariantError for another kind or version of state */
export const restoreFastEngine = (limits: EngineLimits, state: EngineState): Engine =>
  new FastEngine(restore(limits, savedEngine(state)))

class FastEngine implements Engine {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  apply(command: EngineCommand, sink: ReportSink): void {
    const core = this.#core
    const { sequence, at } = command
    assert(sequence === core.sequence + 1, 'a command comes after another one than it should')
    assert(at >= core.at, 'a command is of before the last one')
    core.sequence = sequence
    core.at = at
    core.sink = sink
    for (let slot = core.expiry.due(at); slot !== NONE; slot = core.expiry.due(at)) cancel(core, slot, 'expired')
    if (core.nextEnd <= at) endPhases(core)
    const reason = carryOut(core, command)
    if (reason !== undefined) sink.refused('account' in command ? command.account : -1, reason)
    if (core.markedCount > 0) finish(core)
  }

  get sequence(): number {
    return this.#core.sequence
  }

  balances(account: number) {
    return this.#core.accounts[account] === undefined ? [] : this.#core.funds.balances(account)
  }

  fees(asset: number): number {
    return this.#core.assets[asset]?.fees ?? 0
  }

  levels(instrument: number, depth: number) {
    const market = this.#core.markets[instrument]
    if (market === undefined) return { bids: [], asks: [] }
    return { bids: levelsOf(this.#core, market.bids, depth), asks: levelsOf(this.#core, market.asks, depth) }
  }

  state(): EngineState {
    return save(this.#core)
  }
}

/** Stops and auctions of the markets that a command has changed. */
function finish(core: Core): void {
  const { marked, markedCount } = core
  if (markedCount > 1) {
    marked.length = markedCount
    marked.sort((a, b) => a.number - b.number)
  }
  for (let i = 0; i < markedCount; i++) if (marked[i]!.areStopsDue) triggerStops(core, marked[i]!)
  for (let i = 0; i < markedCount; i++) {
    marked[i]!.isMarked = false
    indicate(core, marked[i]!)
  }
  core.markedCount = 0
}

function carryOut(core: Core, command: EngineCommand): Refusal {
  switch (command.kind) {
    case 'place':
      return place(core, command)
    case 'cancel':
      return cancelNamed(core, command)
    case 'amend':
      return amend(core, command)
    case 'cancel_all':
      return cancelAll(core, command)
    case 'deposit':
      return deposit(core, command)
    case 'withdraw':
      return withdraw(core, command)
    case 'add_asset':
      return addAsset(core, command)
    case 'add_instrument':
      return addInstrument(core, command)
    case 'add_account':
      return addAccount(core, command)
    case 'set_fees':
      return setFees(core, command)
    case 'set_phase':
      return setPhase(core, command)
    case 'set_reference':
      return setReference(core, command)
    case 'tick':
      for (const market of core.markets)
        if (market.phase === 'trading' && market.last > 0) market.reference = market.last
      return undefined
  }
}

function setPhase(core: Core, command: SetPhase): Refusal {
  const market = core.markets[command.instrument]
  if (market === undefined) return 'unknown_instrument'
  if (!isPhaseValid(command)) return 'invalid'
  enter(core, market, command.phase, command.until, command.next)
  return undefined
}

function setReference(core: Core, { instrument, price }: SetReference): Refusal {
  const market = core.markets[instrument]
  if (market === undefined) return 'unknown_instrument'
  if (!isAmount(price)) return 'invalid'
  if (price > market.rules.priceMax) return 'price_above_max'
  market.reference = price
  touch(core, market)
  return undefined
}

function levelsOf({ orders }: Core, ladder: Ladder, depth: number): [Ticks, number][] {
  const levels: [Ticks, number][] = []
  for (let level = ladder.best; level !== NONE && levels.length < depth; level = ladder.worse[level]!) {
    let visible = 0
    for (let slot = ladder.first[level]!; slot !== NONE; slot = orders.after[slot]!) visible += orders.visible[slot]!
    levels.push([ladder.price[level]!, visible])
  }
  return levels
}
