import type { Exchange } from 'ccxt'
import ccxt from 'ccxt'

/** For tests only: the unmodified classes of ccxt, told where the venue is. */

const redirected = (urls: unknown, rest: string, ws: string): unknown => {
  if (typeof urls === 'string') return urls.replace(/^https?:\/\//, `${rest}/@`).replace(/^wss?:\/\//, `${ws}/@`)
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([key, value]) => [key, redirected(value, rest, ws)]))
}

const filled = (urls: unknown, hostname: string): unknown =>
  JSON.parse(JSON.stringify(urls).replaceAll('{hostname}', hostname))

export interface ClientOptions {
  readonly rest: string
  readonly ws: string
  readonly apiKey: string
  readonly secret: string
  readonly passphrase?: string
}

/** A ccxt.pro client of a simulated venue; only its addresses are changed. */
export async function ccxtClient(id: string, options: ClientOptions, settings: object = {}): Promise<Exchange> {
  const classes = ccxt.pro as unknown as Record<string, new (settings: object) => Exchange>
  const exchange = new classes[id]!({
    apiKey: options.apiKey,
    secret: options.secret,
    password: options.passphrase,
    enableRateLimit: true,
    ...settings,
  })
  exchange.urls.api = redirected(filled(exchange.urls.api, exchange.hostname ?? ''), options.rest, options.ws) as never
  await exchange.loadHttpProxyAgent()
  return exchange
}
