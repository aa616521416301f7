import type { Clock, IdSource, TenantId, Timer, Timers } from '../kernel/index.ts'
import type { Database, Log } from '../platform/index.ts'
import { sweepHolds } from './holds.ts'
import { sealJournals } from './seal.ts'

const PERIOD_MS = 5_000

/** Ends holds that are past their time and seals what was posted, every few seconds, until it is cancelled. */
export function startLedgerJobs(options: {
  db: Database
  tenant: TenantId
  clock: Clock
  timers: Timers
  ids: IdSource
  log: Log
}): Timer {
  const { db, tenant, clock, timers, ids, log } = options
  const jobs = [() => sweepHolds(db, tenant, clock.now(), ids), () => sealJournals(db, tenant, clock.now())]
  return timers.every(PERIOD_MS, async () => {
    for (const job of jobs)
      await job().catch(error => log.warn({ error }, 'a job of the ledger failed; it is tried again'))
  })
}
