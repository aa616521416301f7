import { createBinancePublicSession } from './binance/public-session.ts'
import { createBitfinexPublicSession } from './bitfinex/public-session.ts'
import { createBybitPublicSession } from './bybit/public-session.ts'
import { createCoinbasePublicSession } from './coinbase/public-session.ts'
import { createHtxBookSession } from './htx/public-session.ts'
import { createKrakenPublicSession } from './kraken/public-session.ts'
import { createKucoinPublicSession } from './kucoin/public-session.ts'
import { createOkxPublicSession } from './okx/public-session.ts'
import type { PublicSessionFactory, VenueName } from './port/index.ts'
import type { PublicStream } from './streams/index.ts'

/** What keeps the books of each venue. */
export const BOOK_SESSIONS: Readonly<Record<VenueName, (...given: Parameters<PublicSessionFactory>) => PublicStream>> =
  {
    binance: createBinancePublicSession,
    coinbase: createCoinbasePublicSession,
    kraken: createKrakenPublicSession,
    bitfinex: createBitfinexPublicSession,
    htx: createHtxBookSession,
    okx: createOkxPublicSession,
    bybit: createBybitPublicSession,
    kucoin: createKucoinPublicSession,
  }
