/** Where a venue's hosts are found: at themselves, or all of them behind one address, as a simulator serves them. */
export interface Endpoint {
  /** Base address of REST, without a slash at its end. */
  readonly rest: string
  readonly ws: string
}

const ADDRESS = /^(https?|wss?):\/\/([^/?#]+)(.*)$/s

/** `https://api.kraken.com/0` → `http://127.0.0.1:4100/@api.kraken.com/0`; what a simulator has named itself stays as it is. */
export function redirect(url: string, endpoint: Endpoint | null): string {
  if (endpoint === null || url.startsWith(`${endpoint.ws}/@`)) return url
  const match = ADDRESS.exec(url)
  if (match === null) return url
  const [, scheme, host, rest] = match as unknown as [string, string, string, string]
  return `${scheme.startsWith('http') ? endpoint.rest : endpoint.ws}/@${host}${rest}`
}

/** Redirects every address in ccxt's nested table of them. `{hostname}` is filled in first. */
export function redirectAll(urls: unknown, endpoint: Endpoint | null, hostname: string | undefined): unknown {
  if (typeof urls === 'string') return redirect(urls.replace('{hostname}', hostname ?? ''), endpoint)
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([key, value]) => [key, redirectAll(value, endpoint, hostname)]))
}

/** The path of a request as the venue names it, whether or not it goes to a simulator. */
export function venuePath(url: string): string {
  const { pathname } = new URL(url)
  return pathname.startsWith('/@') ? pathname.slice(Math.max(0, pathname.indexOf('/', 2))) : pathname
}
