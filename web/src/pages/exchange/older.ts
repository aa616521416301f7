import { useCallback, useState } from 'react'
import type { Items } from '../../contract.ts'
import { get } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'

/** So many of what is over come with the stream; there may be older ones when it is that many. */
export const STREAMED = 100

interface Read<T> {
  readonly rows: readonly T[]
  readonly isOver: boolean
  readonly isReading: boolean
  readonly problem: Problem | undefined
}

/** Rows from before those that are streamed, read page by page when somebody asks for them. */
export function useOlder<T>(path: string, query: Record<string, string>, placeOf: (row: T) => string) {
  const [read, setRead] = useState<Read<T>>({ rows: [], isOver: false, isReading: false, problem: undefined })
  /** `streamed` are those that came with the stream, newest first. */
  const more = useCallback(
    async (streamed: readonly T[]) => {
      const last = read.rows.at(-1) ?? streamed[STREAMED - 1]
      if (last === undefined || read.isReading) return
      setRead(before => ({ ...before, isReading: true, problem: undefined }))
      try {
        const { items } = await get<Items<T>>(path, { ...query, limit: STREAMED, before: placeOf(last) })
        setRead(({ rows }) => ({
          rows: [...rows, ...items],
          isOver: items.length < STREAMED,
          isReading: false,
          problem: undefined,
        }))
      } catch (error) {
        setRead(before => ({ ...before, isReading: false, problem: error as Problem }))
      }
    },
    [read, path, query, placeOf],
  )
  return { ...read, more }
}
