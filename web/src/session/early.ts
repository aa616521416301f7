import { get } from './api.ts'

/** What the first page is sure to ask for, asked while its code is still on the way. Each answer is handed out once. */
const asked = new Map<string, Promise<unknown>>()

export function askEarly(path: string): void {
  const answer = get(path)
  answer.catch(() => undefined)
  asked.set(path, answer)
}

/** The answer that was asked for early, or a new one. */
export function answerTo<T>(path: string): Promise<T> {
  const early = asked.get(path)
  asked.delete(path)
  return (early ?? get(path)) as Promise<T>
}
