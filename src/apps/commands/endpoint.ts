import { AppError } from '../../kernel/index.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** One address serves both protocols. @throws AppError naming the flag */
export function endpointOf(text: string): { rest: string; ws: string } {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '')
    throw new AppError('request.invalid', { field: '--endpoint', rule: 'is an address such as http://127.0.0.1:4100' })
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    throw new AppError('request.invalid', { field: '--endpoint', rule: 'is https, or on this machine: keys go there' })
  const rest = url.href.replace(/\/+$/, '')
  return { rest, ws: rest.replace(/^http/, 'ws') }
}
