import {
  type BookPicture,
  listenToTrades,
  type NumberedTrade,
  type SimulatedInstrument,
  type Subscription,
  shortQuantity,
} from '../core/index.ts'
import { ms, nanos, price } from './answers.ts'
import { instrumentNamed } from './instruments.ts'
import { DEPTH, firstNumber, INTERVALS, lastNumber, rows, tradeNumber } from './market-data.ts'
import type { TopicTeller } from './stream.ts'

/** https://www.kucoin.com/docs-new/3470068w0 (increments of the book) and the other public channels of spot */

const CHANNELS = new Set([
  '/market/level2',
  '/market/match',
  '/market/ticker',
  '/market/snapshot',
  '/market/candles',
  '/spotMarket/level2Depth5',
  '/spotMarket/level2Depth50',
])

/** The symbols that a topic names, `XRP-USDT` or with an interval `XRP-USDT_1min`; null where there is no such topic. */
export function symbolsOf(topic: string): readonly string[] | null {
  const [channel = '', names = ''] = topic.split(':')
  const all = names.split(',')
  const isKnown = (name: string) => {
    const [symbol, interval] = name.split('_')
    if (instrumentNamed(symbol) === undefined) return false
    return channel === '/market/candles' ? INTERVALS[interval ?? ''] !== undefined : interval === undefined
  }
  return CHANNELS.has(channel) && all.every(isKnown) ? all : null
}

export function openPublic(teller: TopicTeller, topic: string, names: readonly string[]): Subscription {
  const [channel = ''] = topic.split(':')
  const open = names.map(name => openOne(teller, channel, name))
  return {
    end() {
      for (const one of open) one.end()
    },
    onTick(at) {
      for (const one of open) one.onTick?.(at)
    },
  }
}

function openOne(teller: TopicTeller, channel: string, name: string): Subscription {
  const topic = `${channel}:${name}`
  const [symbol, interval] = name.split('_')
  const listed = instrumentNamed(symbol)!
  switch (channel) {
    case '/market/level2':
      return changes(teller, topic, listed)
    case '/spotMarket/level2Depth5':
      return best(teller, topic, listed, 5)
    case '/spotMarket/level2Depth50':
      return best(teller, topic, listed, 50)
    case '/market/match':
      return { end: listenToTrades(teller.context, listed, trade => tellMatch(teller, topic, listed, trade)) }
    case '/market/candles':
      return eachTick(teller, listed, () => {
        const candles = teller.market.forming(listed, interval!)
        const data = { symbol, candles, time: nanos(teller.context.now()) }
        if (candles !== null) teller.tell(topic, 'trade.candles.update', data, 'other')
      })
    case '/market/snapshot': {
      const tell = () => teller.tell(topic, 'trade.snapshot', snapshotOf(teller, listed), 'ticker')
      return eachTick(teller, listed, tell)
    }
  }
  const tell = () => {
    const { time, ...data } = teller.market.best(listed)
    teller.tell(topic, 'trade.ticker', { ...data, time }, 'ticker')
  }
  tell()
  return eachTick(teller, listed, tell)
}

/** What has changed, each level with its own number; the whole is asked for over REST. */
function changes({ context, tell }: TopicTeller, topic: string, listed: SimulatedInstrument): Subscription {
  return {
    end: context.feed(DEPTH).listen(listed, ({ bids, asks, sequence, at }) => {
      const [sequenceStart, sequenceEnd] = [firstNumber(sequence), lastNumber(sequence)]
      const numbered = (levels: BookPicture['bids'], from: number) =>
        rows(listed, levels).map((row, i) => [...row, String(Math.min(sequenceStart + from + i, sequenceEnd))])
      const changed = { asks: numbered(asks, 0), bids: numbered(bids, asks.length) }
      const data = { changes: changed, sequenceEnd, sequenceStart, symbol: listed.symbol, time: ms(at) }
      tell(topic, 'trade.l2update', data, 'book')
    }),
  }
}

/** The best levels alone, whole each time. */
function best({ context, tell }: TopicTeller, topic: string, listed: SimulatedInstrument, depth: number): Subscription {
  const feed = context.feed(depth)
  const send = ({ asks, bids, at }: BookPicture) =>
    tell(topic, 'level2', { asks: rows(listed, asks), bids: rows(listed, bids), timestamp: ms(at) }, 'book')
  const end = feed.listen(listed, change => send(change.picture))
  send(feed.picture(listed))
  return { end }
}

function tellMatch({ tell }: TopicTeller, topic: string, listed: SimulatedInstrument, trade: NumberedTrade): void {
  const data = {
    makerOrderId: '',
    price: price(listed, trade.price),
    sequence: tradeNumber(trade),
    side: trade.side,
    size: shortQuantity(listed, trade.quantity),
    symbol: listed.symbol,
    takerOrderId: '',
    time: String(nanos(trade.at)),
    tradeId: tradeNumber(trade),
    type: 'match',
  }
  tell(topic, 'trade.l3match', data, 'trades')
}

function snapshotOf({ context, market }: TopicTeller, listed: SimulatedInstrument) {
  const { bestAsk, bestBid, sequence, price: last } = market.best(listed)
  const day = context.tape.day(listed, context.market.now)
  return {
    sequence,
    data: {
      symbol: listed.symbol,
      baseCurrency: listed.instrument.base,
      quoteCurrency: listed.instrument.quote,
      buy: Number(bestBid),
      sell: Number(bestAsk),
      lastTradedPrice: Number(last),
      open: Number(price(listed, day.open)),
      high: Number(price(listed, day.high)),
      low: Number(price(listed, day.low)),
      vol: day.volume,
      datetime: ms(context.now()),
      trading: true,
    },
  }
}

/** Told once a tick in which there was a trade. */
function eachTick(teller: TopicTeller, listed: SimulatedInstrument, tell: () => void): Subscription {
  let isDue = false
  const end = listenToTrades(teller.context, listed, () => {
    isDue = true
  })
  return {
    end,
    onTick() {
      if (!isDue) return
      isDue = false
      tell()
    },
  }
}
