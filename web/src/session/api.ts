import { Problem, problemFrom } from './problem.ts'
import { currentToken, renew } from './session.ts'

const TIMEOUT_MS = 15_000
/** Proxies and browsers answer a refused or cut connection in many ways; the page says one thing. */
const noAnswer = (cause: unknown): Problem =>
  new Problem(0, 'network', cause instanceof Error ? cause.message : String(cause))

async function attempt(
  method: string,
  path: string,
  body: unknown,
  token: string,
  key: string | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (key !== undefined) headers['idempotency-key'] = key
  return fetch(path, {
    method,
    headers,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What the server answers as a text; throws a `Problem` when it refuses or does not answer. An expired token is renewed once. */
export async function readText(path: string, method: Method = 'GET', body?: unknown, key?: string): Promise<string> {
  try {
    let response = await attempt(method, path, body, await currentToken(), key)
    if (response.status === 401) response = await attempt(method, path, body, await renew(), key)
    if (!response.ok) throw await problemFrom(response)
    return await response.text()
  } catch (error) {
    throw error instanceof Problem ? error : noAnswer(error)
  }
}

/** Calls the server, as `readText` does, and reads its JSON. */
export async function call<T>(method: Method, path: string, body?: unknown, key?: string): Promise<T> {
  const text = await readText(path, method, body, key)
  // What was only taken note of (202) may be answered with nothing.
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export const get = <T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  return call<T>('GET', search.size > 0 ? `${path}?${search}` : path)
}
