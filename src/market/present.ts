import {
  type BookSnapshot,
  type Candle,
  type Instrument,
  type Level,
  priceText,
  quantityText,
  type Trade,
} from '../kernel/index.ts'
import type { BookView, CandleView, InstrumentView, TradeView } from './views.ts'

/** From ticks and lots to the decimal strings of the views. */
export const toInstrumentView = (instrument: Instrument): InstrumentView => ({
  id: instrument.id,
  venue: instrument.venue,
  pair: instrument.pair,
  base: instrument.base,
  quote: instrument.quote,
  tick: priceText(instrument, 1),
  lot: quantityText(instrument, 1),
  quantityMin: quantityText(instrument, instrument.quantityMin),
  notionalMin: instrument.notionalMin,
})

export const toTradeView = (instrument: Instrument, trade: Trade): TradeView => ({
  instrument: instrument.id,
  at: trade.at,
  price: priceText(instrument, trade.price),
  quantity: quantityText(instrument, trade.quantity),
  side: trade.side,
})

/** At most `depth` levels of each side. */
export function toBookView(instrument: Instrument, book: BookSnapshot, depth = Number.POSITIVE_INFINITY): BookView {
  const text = ([price, quantity]: Level): [string, string] => [
    priceText(instrument, price),
    quantityText(instrument, quantity),
  ]
  return {
    instrument: instrument.id,
    at: book.at,
    sequence: book.sequence,
    bids: book.bids.slice(0, depth).map(text),
    asks: book.asks.slice(0, depth).map(text),
  }
}

export const toCandleView = (instrument: Instrument, candle: Candle, closed = true): CandleView => ({
  openAt: candle.openAt,
  open: priceText(instrument, candle.open),
  high: priceText(instrument, candle.high),
  low: priceText(instrument, candle.low),
  close: priceText(instrument, candle.close),
  volume: volumeText(instrument, candle.volume),
  closed,
})

/** A floating volume, rounded to the decimals of a quantity. */
export const volumeText = (instrument: Instrument, volume: number): string => volume.toFixed(instrument.quantityScale)
