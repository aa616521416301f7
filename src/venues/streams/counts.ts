/** What went by on one connection. */
export interface StreamCounts {
  /** Frames, whatever was in them. */
  messages: number
  /** Snapshots and changes that were written into a book. */
  applied: number
  /** Holes in the venue's numbering. */
  gaps: number
  /** Books that could no longer be trusted and were asked for anew. */
  resubscribed: number
  checksumsOk: number
  checksumsBad: number
  /** Frames of a kind that nobody asked for, and prices that are none: passed over. */
  ignored: number
}

export const noCounts = (): StreamCounts => ({
  messages: 0,
  applied: 0,
  gaps: 0,
  resubscribed: 0,
  checksumsOk: 0,
  checksumsBad: 0,
  ignored: 0,
})

export const addCounts = (sum: StreamCounts, other: Readonly<StreamCounts>): void => {
  for (const name of Object.keys(sum) as (keyof StreamCounts)[]) sum[name] += other[name]
}
