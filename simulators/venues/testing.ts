import type { SimulatedRequest } from './core/index.ts'

/** For tests: a request as a simulator sees it. `target` is its path, with the query as it is signed. */
export function requestTo(host: string, target: string, change: Partial<SimulatedRequest> = {}): SimulatedRequest {
  const [path = '', rawQuery = ''] = target.split('?')
  return {
    method: 'GET',
    host,
    path,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: {},
    body: '',
    from: '10.0.0.1',
    url: `https://${host}${target}`,
    ...change,
  }
}
