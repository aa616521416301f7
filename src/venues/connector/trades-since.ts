import type { Exchange, Trade } from 'ccxt'

/** Pages of fills that one call reads at most, and what a page holds. */
const FILL_PAGES_MAX = 100
const FILLS_PER_PAGE = 100

/** Page after page from the oldest on, each from where the last one ended. */
export async function tradesSince(exchange: Exchange, symbol: string, since: number): Promise<Trade[]> {
  const found = new Map<string, Trade>()
  let from = since
  for (let page = 0; page < FILL_PAGES_MAX; page++) {
    const trades: Trade[] = await exchange.fetchMyTrades(symbol, from, FILLS_PER_PAGE)
    const before = found.size
    for (const trade of trades) found.set(String(trade.id), trade)
    if (trades.length < FILLS_PER_PAGE || found.size === before) break
    from = trades.reduce((at, trade) => Math.max(at, trade.timestamp ?? 0), from)
  }
  return [...found.values()]
}
