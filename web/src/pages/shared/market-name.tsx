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

/** Where an instrument trades; nothing for the paper market. */
function venueTitle(id: string): string | undefined {
  const venue = venueOf(id)
  return venue === 'paper' ? undefined : (TITLES[venue] ?? venue)
}

/** A pair and its venue as one text. */
export const marketName = (id: string): string => [pairOf(id), venueTitle(id)].filter(Boolean).join(' ')

/** The same, with the venue less prominent. */
export const MarketName = ({ id }: { id: string }): ReactNode => {
  const venue = venueTitle(id)
  return (
    <Sym>
      {pairOf(id)}
      {venue && <span className="font-normal text-text-2"> {venue}</span>}
    </Sym>
  )
}
