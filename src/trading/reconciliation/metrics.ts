import type { Metrics } from '../../platform/index.ts'
import type { DiscrepancyView } from './views.ts'

/** Counts what reconciliation has found, each difference once: its classes are the words of `compare.ts` and `fees.ts`. */
export function discrepancyMetrics(metrics: Metrics): (found: readonly DiscrepancyView[]) => void {
  const labels = ['venue', 'classification', 'action'] as const
  const count = metrics.counter(
    'bourse_venue_discrepancies_total',
    'Differences found between our books and the venue’s',
    labels,
  )
  return found => {
    for (const { venue, classification, action } of found) count.inc({ venue, classification, action })
  }
}
