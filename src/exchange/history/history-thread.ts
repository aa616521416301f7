import { parentPort, workerData } from 'node:worker_threads'
import { createFastEngine, restoreFastEngine } from '../../matching/index.ts'
import { createDatabase, type Log, silentLog, systemIds, systemTimers } from '../../platform/index.ts'
import { exchangePosting } from '../books/posting.ts'
import type { FromWriter, HistoryThread, ToWriter } from './threaded.ts'
import { JournalWriter } from './writer.ts'

/** Writes a shard's history and its part of the ledger: see `threaded.ts`. */
const { url, tenant, shard, limits } = workerData as HistoryThread
const tell = (message: FromWriter) => parentPort!.postMessage(message)
const log: Log = {
  ...silentLog,
  warn: (told: unknown, message?: string) =>
    tell({ kind: 'warned', message: message ?? String(told), error: String((told as { error?: unknown }).error) }),
}
const db = createDatabase({ url, connectionsMax: 1, log })
const post = exchangePosting({ ids: systemIds(), shard })
const writer = new JournalWriter({
  name: { tenant, shard },
  db,
  maker: { create: createFastEngine, restore: restoreFastEngine },
  limits,
  post,
  onWritten: sequence => tell({ kind: 'written', sequence }),
  timers: systemTimers(),
  log,
})

parentPort!.on('message', async (message: ToWriter) => {
  switch (message.kind) {
    case 'follow':
      writer.follow(message.sequence)
      break
    case 'pause':
      tell({ kind: 'answered', isDone: await writer.pause() })
      break
    case 'goTo':
      tell({ kind: 'answered', isDone: await writer.goTo(message.sequence) })
      break
    case 'goOn':
      writer.goOn()
      break
    case 'stop':
      await writer.stop()
      await db.close()
      parentPort!.close()
  }
})
