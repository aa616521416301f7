import { assert, type Ticks } from '../../kernel/index.ts'
import type { EngineCommand, SetPhase, SetReference } from './command.ts'
import type { Engine, EngineLimits, EngineState } from './engine.ts'
import { amend, cancelAll, cancelNamed } from './naive/amending.ts'
import { cancel } from './naive/ending.ts'
import { endPhases, enter, indicate } from './naive/phases.ts'
import { place } from './naive/placing.ts'
import { addAccount, addAsset, addInstrument, deposit, setFees, withdraw } from './naive/registering.ts'
import { balancesOf, restore, save } from './naive/saving.ts'
import { triggerStops } from './naive/stops.ts'
import type { Order, World } from './naive/world.ts'
import type { Refusal, ReportSink } from './report.ts'
import { isAmount, isPhaseValid } from './rules.ts'
import { savedEngine } from './state.ts'

/**
 * The naive engine: plain objects and sorted arrays, slow, and meant to be seen to be right. It says what a command does; the fast
 * engine is held to it.
 */
export function createNaiveEngine(limits: EngineLimits): Engine {
  return engineOf({ limits, sequence: 0, at: 0, assets: [], accounts: [], markets: [], orders: new Map() })
}

/** Goes on where `state()` was taken. @throws InvariantError for another kind or version of state */
export const restoreNaiveEngine = (limits: EngineLimits, state: EngineState): Engine =>
  engineOf(restore(limits, savedEngine(state)))

const engineOf = (world: World): Engine => ({
  apply(command, sink) {
    assert(command.sequence === world.sequence + 1, `command ${command.sequence} after ${world.sequence}`)
    assert(command.at >= world.at, `command ${command.sequence} is of before the last one`)
    world.sequence = command.sequence
    world.at = command.at
    expire(world, sink)
    endPhases(world, sink)
    const reason = carryOut(world, command, sink)
    if (reason !== undefined) sink.refused('account' in command ? command.account : -1, reason)
    for (const market of world.markets) triggerStops(world, market, sink)
    for (const market of world.markets) indicate(market, sink)
  },
  get sequence() {
    return world.sequence
  },
  balances: account => balancesOf(world.accounts[account]),
  fees: asset => world.assets[asset]?.fees ?? 0,
  levels(instrument, depth) {
    const market = world.markets[instrument]
    return { bids: levelsOf(market?.bids ?? [], depth), asks: levelsOf(market?.asks ?? [], depth) }
  },
  state: () => save(world),
})

function expire(world: World, sink: ReportSink): void {
  const isOver = ({ expireAt }: Order) => expireAt > 0 && expireAt <= world.at
  const over = [...world.orders.values()].filter(isOver).sort((a, b) => a.expireAt - b.expireAt || a.id - b.id)
  for (const order of over) cancel(world, order, 'expired', sink)
}

function carryOut(world: World, command: EngineCommand, sink: ReportSink): Refusal {
  switch (command.kind) {
    case 'add_asset':
      return addAsset(world, command)
    case 'add_instrument':
      return addInstrument(world, command, sink)
    case 'add_account':
      return addAccount(world, command)
    case 'set_fees':
      return setFees(world, command)
    case 'deposit':
      return deposit(world, command, sink)
    case 'withdraw':
      return withdraw(world, command, sink)
    case 'place':
      return place(world, command, sink)
    case 'cancel':
      return cancelNamed(world, command, sink)
    case 'cancel_all':
      return cancelAll(world, command, sink)
    case 'amend':
      return amend(world, command, sink)
    case 'set_phase':
      return setPhase(world, command, sink)
    case 'set_reference':
      return setReference(world, command)
    case 'tick':
      for (const market of world.markets)
        if (market.phase === 'trading' && market.last > 0) market.reference = market.last
      return undefined
  }
}

function setPhase(world: World, command: SetPhase, sink: ReportSink): Refusal {
  const market = world.markets[command.instrument]
  if (market === undefined) return 'unknown_instrument'
  if (!isPhaseValid(command)) return 'invalid'
  enter(world, market, command.phase, command.until, command.next, sink)
  return undefined
}

function setReference(world: World, { instrument, price }: SetReference): Refusal {
  const market = world.markets[instrument]
  if (market === undefined) return 'unknown_instrument'
  if (!isAmount(price)) return 'invalid'
  if (price > market.rules.priceMax) return 'price_above_max'
  market.reference = price
  market.isTouched = true
  return undefined
}

function levelsOf(orders: readonly Order[], depth: number): [Ticks, number][] {
  const levels = new Map<Ticks, number>()
  for (const { price, visible } of orders) levels.set(price, (levels.get(price) ?? 0) + visible)
  return [...levels].slice(0, depth)
}
