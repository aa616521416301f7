import { Worker } from 'node:worker_threads'

/** Where the sources of the exchange are; named where the code has been bundled. */
export const SOURCES = new URL('./', import.meta.url)

/** A thread of less priority that runs a module of the exchange with what it is given; see `thread.mjs`. */
export function startThread(module: string, given: object, sources: URL): Worker {
  const workerData = { ...given, module: new URL(module, sources).href }
  const thread = new Worker(new URL('thread.mjs', sources), { workerData })
  thread.unref()
  return thread
}
