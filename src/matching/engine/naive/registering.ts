import type { AddAccount, AddAsset, AddInstrument, Deposit, SetFees, Withdraw } from '../command.ts'
import type { Refusal, ReportSink } from '../report.ts'
import { areRulesValid, isAmount, isPpm } from '../rules.ts'
import { balanceOf } from './funds.ts'
import { newMarket, type World } from './world.ts'

export function addAsset({ assets, limits }: World, { asset, code }: AddAsset): Refusal {
  if (asset !== assets.length) return 'invalid'
  if (asset >= limits.assetsMax) return 'assets_max'
  assets.push({ code, total: 0, fees: 0 })
}

export function addAccount({ accounts, limits }: World, { account: number }: AddAccount): Refusal {
  if (number !== accounts.length) return 'invalid'
  if (number >= limits.accountsMax) return 'accounts_max'
  const { makerPpm, takerPpm } = limits
  accounts.push({ number, makerPpm, takerPpm, balances: new Map(), names: new Map(), closed: [] })
}

export function addInstrument(world: World, command: AddInstrument, sink: ReportSink): Refusal {
  const { instrument: number, base, quote, rules } = command
  const { markets, assets, orders, limits } = world
  if (assets[base] === undefined || assets[quote] === undefined) return 'unknown_asset'
  if (base === quote || !areRulesValid(rules)) return 'invalid'
  const market = markets[number]
  if (market !== undefined) {
    const isSameSize = market.rules.lotUnits === rules.lotUnits && market.rules.tickLotUnits === rules.tickLotUnits
    const hasOrders = [...orders.values()].some(order => order.market === market)
    if (market.base !== base || market.quote !== quote || (hasOrders && !isSameSize)) return 'invalid'
    market.rules = { ...rules }
    return undefined
  }
  if (number !== markets.length) return 'invalid'
  if (number >= limits.instrumentsMax) return 'instruments_max'
  markets.push(newMarket(number, base, quote, { ...rules }))
  sink.phased(number, 'closed', 0)
}

export function setFees({ accounts }: World, { account: number, makerPpm, takerPpm }: SetFees): Refusal {
  const account = accounts[number]
  if (account === undefined) return 'unknown_account'
  if (!isPpm(makerPpm) || !isPpm(takerPpm)) return 'invalid'
  account.makerPpm = makerPpm
  account.takerPpm = takerPpm
}

/** What all accounts have of an asset stays a safe integer, so that no balance can leave them. */
export function deposit(world: World, { account: number, asset: code, amount }: Deposit, sink: ReportSink): Refusal {
  const [account, asset] = [world.accounts[number], world.assets[code]]
  if (account === undefined) return 'unknown_account'
  if (asset === undefined) return 'unknown_asset'
  if (!isAmount(amount)) return 'invalid'
  if (asset.total + amount > Number.MAX_SAFE_INTEGER) return 'amount_above_max'
  asset.total += amount
  balanceOf(account, code).available += amount
  sink.moved(number, code, amount)
}

export function withdraw(world: World, { account: number, asset: code, amount }: Withdraw, sink: ReportSink): Refusal {
  const [account, asset] = [world.accounts[number], world.assets[code]]
  if (account === undefined) return 'unknown_account'
  if (asset === undefined) return 'unknown_asset'
  if (!isAmount(amount)) return 'invalid'
  const balance = balanceOf(account, code)
  if (balance.available < amount) return 'insufficient_funds'
  asset.total -= amount
  balance.available -= amount
  sink.moved(number, code, -amount)
}
