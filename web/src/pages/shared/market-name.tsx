import type { ReactNode } from 'react'
import { Sym } from '../../show/show.tsx'
import { pairOf, venueOf } from './instruments.ts'

const TITLES: Readonly<Record<string, string>> = {
  binance: 'Binance',
  bitfinex: 'Bitfinex',
  bybit: 'Bybit',
  coinbase: 'Coinbase',
  htx: 'HTX',
  kraken: 'Kraken',
  kucoin: 'KuCoin',
  okx: 'OKX',
}

/** A pair, and where it trades when that is not the paper market. */
export const MarketName = ({ id }: { id: string }): ReactNode => {
  const venue = venueOf(id)
  return (
    <Sym>
      {pairOf(id)}
      {venue !== 'paper' && <span className="ms-1.5 font-normal text-text-2">{TITLES[venue] ?? venue}</span>}
    </Sym>
  )
}
