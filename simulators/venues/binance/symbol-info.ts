import { priceText, quantityText } from '../../../src/kernel/index.ts'
import { decimalOf, type SimulatedInstrument } from '../core/index.ts'
import { DECIMALS, eight, ZERO } from './instruments.ts'

const ORDERS_MAX = 500

/** A symbol of `exchangeInfo`, with its filters: https://developers.binance.com/docs/binance-spot-api-docs/filters */
export function symbolInfo({ instrument, symbol, notionalMin }: SimulatedInstrument, orderTypes: readonly string[]) {
  const tick = eight(priceText(instrument, 1))
  const lot = eight(quantityText(instrument, 1))
  const minQty = eight(quantityText(instrument, instrument.quantityMin))
  const maxQty = eight(quantityText(instrument, instrument.quantityMax))
  return {
    symbol,
    status: 'TRADING',
    baseAsset: instrument.base,
    baseAssetPrecision: DECIMALS,
    quoteAsset: instrument.quote,
    quotePrecision: DECIMALS,
    quoteAssetPrecision: DECIMALS,
    baseCommissionPrecision: DECIMALS,
    quoteCommissionPrecision: DECIMALS,
    orderTypes,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: eight('1000000'), tickSize: tick },
      { filterType: 'LOT_SIZE', minQty, maxQty, stepSize: lot },
      { filterType: 'MARKET_LOT_SIZE', minQty: ZERO, maxQty, stepSize: ZERO },
      {
        filterType: 'NOTIONAL',
        minNotional: eight(decimalOf(notionalMin)),
        applyMinToMarket: true,
        maxNotional: eight('9000000'),
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: ORDERS_MAX },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  }
}
