/** One comparison of our books with a venue's. */
export interface ReconciliationView {
  readonly id: string
  readonly venue: string
  readonly trigger: 'start' | 'reconnect' | 'schedule' | 'request'
  readonly startedAt: number
  readonly finishedAt: number
  /** Null when everything was asked and answered. */
  readonly error: string | null
  /** How many of each were compared. */
  readonly orders: number
  readonly fills: number
  readonly balances: number
  readonly corrected: number
  readonly escalated: number
}

/** One difference that was found, and what was done about it. */
export interface DiscrepancyView {
  readonly id: string
  readonly venue: string
  readonly kind: 'order' | 'fill' | 'balance'
  readonly classification: string
  readonly action: 'corrected' | 'noted' | 'escalated'
  readonly subject: string
  readonly ours: string
  readonly theirs: string
  readonly explanation: string
  readonly foundAt: number
  readonly settledAt: number | null
  readonly settledBy: string | null
}
