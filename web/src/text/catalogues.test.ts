import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../../src/kernel/errors.ts'
import type { EngineRefusal } from '../../../src/matching/engine/report.ts'
import { en as enShell } from './en.ts'
import { enMoney } from './en-money.ts'
import { fa } from './fa.ts'
import { compose, type Node, parseMessage } from './message.ts'
import { pseudo } from './pseudo.ts'
import type { Key } from './text.tsx'

const en: Readonly<Record<Key, string>> = { ...enMoney, ...enShell }
const keys = Object.keys(en) as Key[]

function names(nodes: readonly Node[]): string[] {
  return nodes
    .flatMap(node =>
      typeof node === 'string'
        ? []
        : [node.name, ...('options' in node ? Object.values(node.options).flatMap(names) : [])],
    )
    .sort()
}
const used = (source: string): string[] => [...new Set(names(parseMessage(source)))]

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory()
      ? sources(`${folder}/${entry.name}`)
      : /(?<!\.test)\.tsx?$/.test(entry.name)
        ? [`${folder}/${entry.name}`]
        : [],
  )
}

describe('catalogues', () => {
  test('English and Persian have the same keys and the same values in them', () => {
    expect(Object.keys(fa).sort()).toEqual([...keys].sort())
    for (const key of keys) expect({ key, values: used(fa[key]) }).toEqual({ key, values: used(en[key]) })
  })

  test('every message can be read, in the pseudo-language too', () => {
    for (const key of keys) {
      expect(en[key]).not.toBe('')
      const strange = compose<string>(pseudo(en[key]), {}, 'en', String).join('')
      expect(strange.length).toBeGreaterThan(compose<string>(parseMessage(en[key]), {}, 'en', String).join('').length)
    }
  })

  test('Persian texts use the Persian ye and ke, not the Arabic ones', () => {
    for (const key of keys) expect({ key, arabic: /[\u064a\u0643]/.test(fa[key]) }).toEqual({ key, arabic: false })
  })

  test('errors with a text of their own are errors that exist', () => {
    const own = keys.filter(key => key.startsWith('error.')).map(key => key.slice('error.'.length))
    for (const code of own.filter(name => !['network', 'unexpected', 'correlation'].includes(name)))
      expect(Object.keys(ERRORS)).toContain(code)
  })

  test('every reason for which the engine refuses has a text', () => {
    // What is missing does not compile.
    const none: Exclude<`refusal.${EngineRefusal}`, Key> extends never ? true : never = true
    expect(none).toBe(true)
  })

  test('every key is used', () => {
    const code = sources(fileURLToPath(new URL('..', import.meta.url)))
      .filter(file => !/text\/(en|fa)(-money)?\.ts$/.test(file))
      .map(file => readFileSync(file, 'utf8'))
      .join('\n')
    const built = [...code.matchAll(/`([a-zA-Z_.]*)\$\{[^}]+\}([a-zA-Z_.]*)`/g)].map(
      ([, before, after]) => [before ?? '', after ?? ''] as const,
    )
    const unused = keys.filter(
      key =>
        !code.includes(`'${key}'`) &&
        !built.some(
          ([before, after]) => before.length + after.length > 3 && key.startsWith(before) && key.endsWith(after),
        ),
    )
    expect(unused).toEqual([])
  })
})
