import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** Neither ours nor text. */
const SKIPPED = new Set(['.git', 'node_modules', 'dist', '.cache', 'data', 'images'])

/** Every file of ours, as a path from the root with forward slashes. */
export const files: readonly string[] = walk(ROOT).sort()

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path)
    return entry.isFile() ? [relative(ROOT, path).replaceAll('\\', '/')] : []
  })
}

const texts = new Map<string, string>()

export function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), 'utf8')
  texts.set(path, text)
  return text
}

export const linesOf = (path: string): string[] => textOf(path).replace(/\n$/, '').split('\n')

/** Lines without their comments; numbers stay those of the file. */
export const codeLinesOf = (path: string): string[] =>
  textOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ''))
    .split('\n')
    .map(line => line.replace(/(^|\s)\/\/.*$/, ''))

/** `path:line what` for every line that breaks a rule. */
export const faultsIn = (
  paths: readonly string[],
  fault: (line: string, path: string) => string | undefined,
  read: (path: string) => string[] = linesOf,
): string[] =>
  paths.flatMap(path =>
    read(path).flatMap((line, index) => {
      const found = fault(line, path)
      return found === undefined ? [] : [`${path}:${index + 1} ${found}`]
    }),
  )
