import { AppError } from '../../kernel/index.ts'

/** Which Host and Origin headers a server answers. */
export interface OriginPolicy {
  /** @throws AppError `auth.origin_refused`. */
  check(headers: { host?: string; origin?: string }): void
  /** For sockets, where a browser always sends an Origin. */
  allows(headers: { host?: string; origin?: string }): boolean
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * Demo mode has no sign-in, so a page elsewhere must reach it neither by its own origin nor under a name that resolves to
 * this machine (DNS rebinding): only loopback names with the port in use, and the public origin where one is set.
 * Otherwise the bearer token guards, and an Origin, if there is one, has to be our own.
 */
export function originPolicy(options: { isDemo: boolean; publicOrigin?: string; port: () => number }): OriginPolicy {
  const { isDemo, publicOrigin, port } = options
  const publicHost = publicOrigin === undefined ? undefined : new URL(publicOrigin).host
  const isOwnHost = (host: string) => host === publicHost || LOOPBACK_NAMES.some(name => host === `${name}:${port()}`)
  const isOwnOrigin = (origin: string, host: string) => {
    if (origin === publicOrigin) return true
    if (isDemo) return LOOPBACK_NAMES.some(name => origin === `http://${name}:${port()}`)
    return publicOrigin === undefined && (origin === `http://${host}` || origin === `https://${host}`)
  }
  const allows = ({ host = '', origin }: { host?: string; origin?: string }) =>
    (!isDemo || isOwnHost(host.toLowerCase())) && (origin === undefined || isOwnOrigin(origin, host.toLowerCase()))
  return {
    allows,
    check(headers) {
      if (!allows(headers)) throw new AppError('auth.origin_refused')
    },
  }
}
