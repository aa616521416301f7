import { type Account, decimalOf, type SimulatedInstrument, type VenueContext } from '../core/index.ts'
import { BINANCE_SYMBOLS, eight, ZERO } from './instruments.ts'
import { msOf } from './orders.ts'

/** Balances, commissions and what a key may: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints */

/** What is held is kept finer than Binance shows it: the rest below eight decimals is left out. */
export const shown = (units: bigint): string => eight(cut(decimalOf(units)))
const cut = (text: string): string => {
  const [whole, fraction = ''] = text.split('.')
  return `${whole}.${fraction.slice(0, 8).padEnd(8, '0')}`
}

const rate = (ppm: number): string => eight(String(ppm / 1_000_000))
const [{ makerPpm, takerPpm }] = BINANCE_SYMBOLS as readonly [SimulatedInstrument]

export const accountInfo = (account: Account, { now, accounts }: VenueContext) => ({
  makerCommission: makerPpm / 100,
  takerCommission: takerPpm / 100,
  buyerCommission: 0,
  sellerCommission: 0,
  commissionRates: { maker: rate(makerPpm), taker: rate(takerPpm), buyer: ZERO, seller: ZERO },
  canTrade: true,
  canWithdraw: true,
  canDeposit: true,
  brokered: false,
  requireSelfTradePrevention: false,
  preventSor: false,
  updateTime: msOf(now()),
  accountType: 'SPOT',
  balances: account.assets.map(asset => ({
    asset,
    free: shown(account.free(asset)),
    locked: shown(account.held(asset)),
  })),
  permissions: ['SPOT'],
  uid: accounts.indexOf(account) + 1,
})

export const commissionInfo = (one: SimulatedInstrument) => ({
  symbol: one.symbol,
  standardCommission: { maker: rate(one.makerPpm), taker: rate(one.takerPpm), buyer: ZERO, seller: ZERO },
  specialCommission: { maker: ZERO, taker: ZERO, buyer: ZERO, seller: ZERO },
  taxCommission: { maker: ZERO, taker: ZERO, buyer: ZERO, seller: ZERO },
  discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: ZERO },
})

/** https://developers.binance.com/docs/wallet/account/api-key-permission */
export const apiRestrictions = ({ permissions }: Account, { now }: VenueContext) => ({
  ipRestrict: false,
  createTime: msOf(now()),
  enableReading: permissions.read,
  enableSpotAndMarginTrading: permissions.trade,
  enableWithdrawals: permissions.withdraw,
  enableInternalTransfer: false,
  enableMargin: false,
  enableFutures: false,
  permitsUniversalTransfer: false,
  enableVanillaOptions: false,
  enableFixApiTrade: false,
  enableFixReadOnly: false,
  enablePortfolioMarginTrading: false,
})

/** https://developers.binance.com/docs/wallet/capital/all-coins-info ; nothing can be put in or taken out here. */
export const coins = (account: Account) =>
  account.assets.map(asset => ({
    coin: asset,
    depositAllEnable: false,
    free: shown(account.free(asset)),
    freeze: '0',
    ipoable: '0',
    ipoing: '0',
    isLegalMoney: false,
    locked: shown(account.held(asset)),
    name: asset,
    networkList: [],
    storage: '0',
    trading: true,
    withdrawAllEnable: false,
    withdrawing: '0',
  }))
