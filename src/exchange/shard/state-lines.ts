import { createHash } from 'node:crypto'
import { AppError } from '../../kernel/index.ts'

/**
 * The text of a state, in lines, since a busy shard's would be longer than a string may be: one JSON value each, `[...path, value]`,
 * where lists down to this depth have a line for each element.
 */
const DEPTH_MAX = 2

/** The same lines wherever the same state is. */
export function* linesOf(value: unknown, path: readonly (string | number)[] = []): Generator<string> {
  if (path.length < DEPTH_MAX && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const parts = Object.entries(value)
    for (const [key, part] of parts) yield* linesOf(part, [...path, key])
    if (parts.length > 0 || path.length === 0) return
  }
  if (!Array.isArray(value)) {
    yield JSON.stringify([...path, value])
    return
  }
  yield JSON.stringify([...path, []])
  for (const [i, element] of value.entries()) yield JSON.stringify([...path, i, element])
}

/** What the lines were made from. */
export function stateOf(lines: Iterable<string>): unknown {
  const state: Record<string | number, unknown> = {}
  for (const line of lines) {
    const path = JSON.parse(line) as (string | number)[]
    const value = path.pop()
    const last = path.pop()!
    let at = state
    for (const key of path) {
      at[key] ??= {}
      at = at[key] as Record<string | number, unknown>
    }
    at[last] = value
  }
  return state
}

/** SHA-256 of the lines, in hex. */
export function hashOf(lines: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line).update('\n')
  return hash.digest('hex')
}

/** @throws AppError `exchange.snapshot_damaged` */
export function checkedLines(sequence: number, lines: readonly string[], hash: string): readonly string[] {
  if (hashOf(lines) !== hash)
    throw new AppError('exchange.snapshot_damaged', {
      sequence,
      rule: 'the state has the hash that was stored with it',
    })
  return lines
}
