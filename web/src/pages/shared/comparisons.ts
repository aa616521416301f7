import type { DiscrepancyView, ReconciliationView } from '../../contract.ts'

/** What came of a comparison, in one word: the gravest that is true of it. */
export const resultOf = (run: ReconciliationView): 'failed' | 'escalated' | 'corrected' | 'equal' =>
  run.error !== null ? 'failed' : run.escalated > 0 ? 'escalated' : run.corrected > 0 ? 'corrected' : 'equal'

export function lastByVenue(runs: readonly ReconciliationView[]): ReadonlyMap<string, ReconciliationView> {
  const last = new Map<string, ReconciliationView>()
  for (const run of runs) if ((last.get(run.venue)?.finishedAt ?? -1) < run.finishedAt) last.set(run.venue, run)
  return last
}

/** Whether this comparison is the one that was asked for: it began after the asking, or was begun because of it. */
export const answers = (run: ReconciliationView | undefined, askedAt: number): boolean =>
  run !== undefined && run.finishedAt >= askedAt && (run.trigger === 'request' || run.startedAt >= askedAt)

/** A person must look, and none has yet. */
export const isWaiting = (found: Pick<DiscrepancyView, 'action' | 'settledAt'>): boolean =>
  found.action === 'escalated' && found.settledAt === null

/** What waits for a person first, then the newest. */
export const byGravity = (found: readonly DiscrepancyView[]): readonly DiscrepancyView[] =>
  [...found].sort((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)) || b.foundAt - a.foundAt)
