import type { Metrics } from '../platform/index.ts'
import type { BooksReconciler } from './books/reconciler.ts'
import type { Shards } from './shards.ts'

/** What Prometheus is told of the exchange. */
export function exchangeMetrics(metrics: Metrics, shards: Shards, reconciler: BooksReconciler): void {
  const sum = (of: (part: Shards['parts'][number]) => number) =>
    shards.parts.reduce((total, part) => total + of(part), 0)
  const gauge = (name: string, help: string, collect: () => number) =>
    metrics.gauge(`bourse_exchange_${name}`, help, { collect })
  gauge('shards', 'Shards of the exchange', () => shards.parts.length)
  gauge('shards_owned', 'Shards that this process owns', () => sum(({ shard }) => (shard.state === 'owning' ? 1 : 0)))
  gauge('commands', 'Commands in the journals', () => sum(({ shard }) => shard.replica.sequence))
  gauge('commands_waiting', 'Commands that wait for a commit', () => sum(({ shard }) => shard.waiting))
  gauge('history_lag', 'Commands whose history and money are not written yet', () =>
    sum(({ projector }) => projector.lag),
  )
  gauge('ledger_differences', 'Balances in which the exchange and the ledger differed when last compared', () =>
    reconciler.comparisons.reduce((total, { differenceCount }) => total + differenceCount, 0),
  )
}
