import { Worker } from 'node:worker_threads'

/** Where the sources of the exchange are; named where the code has been bundled. */
export const SOURCES = new URL('./', import.meta.url)

/** From 0 as everybody to 19: whoever carries out commands goes first. */
export const PRIORITY = { history: 10, snapshots: 19 } as const

/** A thread that runs a module of the exchange with what it is given; see `thread.mjs`. */
export function startThread<Message>(
  module: string,
  given: object,
  { priority, sources, onMessage }: { priority: number; sources: URL; onMessage: (message: Message) => void },
): Worker {
  const workerData = { ...given, priority, module: new URL(module, sources).href }
  const thread = new Worker(new URL('thread.mjs', sources), { workerData })
  thread.on('message', onMessage)
  // Last, since whoever listens is waited for.
  thread.unref()
  return thread
}
