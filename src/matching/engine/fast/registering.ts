import type { AddAccount, AddAsset, AddInstrument, Deposit, SetFees, Withdraw } from '../command.ts'
import type { Refusal } from '../report.ts'
import { areRulesValid, isAmount, isPpm } from '../rules.ts'
import { NONE } from './arrays.ts'
import { Account, type Core, Market } from './core.ts'

export function addAsset({ assets, limits }: Core, { asset, code }: AddAsset): Refusal {
  if (asset !== assets.length) return 'invalid'
  if (asset >= limits.assetsMax) return 'assets_max'
  assets.push({ code, total: 0, fees: 0 })
  return undefined
}

export function addAccount(core: Core, { account: number }: AddAccount): Refusal {
  const { accounts, limits } = core
  if (number !== accounts.length) return 'invalid'
  if (number >= limits.accountsMax) return 'accounts_max'
  enrol(core, limits.makerPpm, limits.takerPpm)
  return undefined
}

/** One account more, and room for its funds and names. */
export function enrol(core: Core, makerPpm: number, takerPpm: number): void {
  core.funds.reach(core.accounts.length)
  core.names.addAccount()
  core.accounts.push(new Account(makerPpm, takerPpm))
}

export function addInstrument(core: Core, { instrument: number, base, quote, rules }: AddInstrument): Refusal {
  const { markets, assets, limits } = core
  if (assets[base] === undefined || assets[quote] === undefined) return 'unknown_asset'
  if (base === quote || !areRulesValid(rules)) return 'invalid'
  const market = markets[number]
  if (market !== undefined) {
    const isSameSize = market.rules.lotUnits === rules.lotUnits && market.rules.tickLotUnits === rules.tickLotUnits
    const ladders = [market.bids, market.asks, market.buyStops, market.sellStops]
    const hasOrders = ladders.some(ladder => ladder.best !== NONE)
    if (market.base !== base || market.quote !== quote || (hasOrders && !isSameSize)) return 'invalid'
    market.rules = { ...rules }
    return undefined
  }
  if (number !== markets.length) return 'invalid'
  if (number >= limits.instrumentsMax) return 'instruments_max'
  markets.push(new Market(core.orders, number, base, quote, { ...rules }))
  core.sink.phased(number, 'closed', 0)
  return undefined
}

export function setFees({ accounts }: Core, { account: number, makerPpm, takerPpm }: SetFees): Refusal {
  const account = accounts[number]
  if (account === undefined) return 'unknown_account'
  if (!isPpm(makerPpm) || !isPpm(takerPpm)) return 'invalid'
  account.makerPpm = makerPpm
  account.takerPpm = takerPpm
  return undefined
}

export function deposit({ accounts, assets, funds, sink }: Core, { account, asset: code, amount }: Deposit): Refusal {
  const asset = assets[code]
  if (accounts[account] === undefined) return 'unknown_account'
  if (asset === undefined) return 'unknown_asset'
  if (!isAmount(amount)) return 'invalid'
  if (asset.total + amount > Number.MAX_SAFE_INTEGER) return 'amount_above_max'
  asset.total += amount
  funds.available[funds.at(account, code)]! += amount
  sink.moved(account, code, amount)
  return undefined
}

export function withdraw({ accounts, assets, funds, sink }: Core, { account, asset: code, amount }: Withdraw): Refusal {
  const asset = assets[code]
  if (accounts[account] === undefined) return 'unknown_account'
  if (asset === undefined) return 'unknown_asset'
  if (!isAmount(amount)) return 'invalid'
  const at = funds.at(account, code)
  if (funds.available[at]! < amount) return 'insufficient_funds'
  asset.total -= amount
  funds.available[at]! -= amount
  sink.moved(account, code, -amount)
  return undefined
}
