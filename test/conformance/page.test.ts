import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FAULT_KINDS } from '../../simulators/venues/index.ts'
import { CASES } from './cases.ts'
import { CONNECTED, excuseOf, FAULTABLE, HELD, titleOf } from './matrix.ts'

const PATH = 'docs/reference/conformance.md'
const text = readFileSync(join(import.meta.dirname, '../..', PATH), 'utf8')
const OLD = `${PATH} is of an older suite: run npm run conformance`

/** The rows of the table under a heading, the head first and without the line below it. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows
    .filter((_, i) => i !== 1)
    .map(row =>
      row
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
}

describe('the conformance page', () => {
  const [head = [], ...without] = tableUnder('Without a fault')
  const [faultHead = [], ...withFault] = tableUnder('With each fault')
  const notes = new Map([...text.matchAll(/^- (\[\d+\]) (.+)$/gm)].map(([, mark, note]) => [mark!, note!]))
  const marksIn = (cell: string) => cell.match(/\[\d+\]/g) ?? []

  test('names today’s venues, cases and faults', () => {
    expect(head.slice(2), OLD).toEqual(HELD.map(titleOf))
    expect(
      without.map(([id, title]) => [id, title]),
      OLD,
    ).toEqual(CASES.map(({ id, title }) => [id, title]))
    expect(faultHead.slice(1), OLD).toEqual(FAULT_KINDS.map(kind => `\`${kind}\``))
    expect(
      withFault.map(([id]) => id),
      OLD,
    ).toEqual(FAULTABLE.map(({ id }) => id))
  })

  test('every cell without a fault has passed, or has today’s reason', () => {
    for (const [i, one] of CASES.entries())
      for (const [j, held] of HELD.entries()) {
        const cell = without[i]![j + 2]!
        const shown = cell === '✓' ? null : (notes.get(cell) ?? `nothing: ${cell}`)
        expect(shown, `${one.id} at ${held}: ${OLD}`).toBe(excuseOf(held, one))
      }
  })

  test('of every cell with a fault all venues are accounted for', () => {
    for (const row of withFault)
      for (const cell of row.slice(1)) {
        const passed = cell.startsWith('–') ? 0 : Number(/^\d+/.exec(cell)?.[0])
        const named = marksIn(cell).map(mark => notes.get(mark)!.split(': ')[0]!.split(', '))
        const isOfAll = named.length === 1 && passed === 0
        const excused = isOfAll ? CONNECTED.length : named.flat().length
        expect(passed + excused, `${row[0]}: ${cell}`).toBe(CONNECTED.length)
      }
  })

  test('every note is a reason, and used', () => {
    const used = new Set([...without, ...withFault].flatMap(row => row.flatMap(marksIn)))
    expect([...notes.keys()].sort()).toEqual([...used].sort())
    for (const note of notes.values()) expect(note).toMatch(/\w+ \w+/)
  })
})
