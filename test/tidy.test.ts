import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeLinesOf, faultsIn, files, linesOf, ROOT, textOf } from './tidy/tree.ts'

/** The rules of the house that no other tool knows. Every failure names the file, the line and what to do. */

const isTest = (path: string) => /\.test\.tsx?$/.test(path)
const code = files.filter(path => /\.(ts|tsx|mjs|cjs)$/.test(path))
const product = code.filter(path => /^(src|simulators)\//.test(path) && !isTest(path))
const documents = files.filter(path => path.endsWith('.md'))
const subjects = [
  ...new Set(files.flatMap(path => path.match(/^(src\/(?!apps\/)|simulators\/)[^/]+(?=\/)/)?.[0] ?? [])),
]

/** What reads the world from nowhere, and what to take instead. */
const AMBIENT: readonly [RegExp, string][] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(\)/, 'take the time from a Clock that is handed in'],
  [/\bperformance\.now\b|\bprocess\.hrtime\b/, 'take monotonicMs of the platform, or a function that is handed in'],
  [/\bMath\.random\b|\bgetRandomValues\b/, 'take a Random that is handed in'],
  [/\brandomUUID\b|\brandomBytes\b|\brandomInt\b/, 'take an IdSource that is handed in; keys are made by the platform'],
  [
    /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bprocess\.nextTick\b|\btimers\/promises\b/,
    'take Timers that are handed in',
  ],
]

/** Over 400 lines is a question; these have answered it. */
const LONG: Readonly<Record<string, string>> = {
  'clients/ccxt/bourse.ts': 'one class, as ccxt has one for each exchange',
  'src/platform/http/server.test.ts': 'one behaviour of the server after another, on one server',
  'src/trading/node/run.ts': 'the one place where a run changes: what it does is read from top to bottom',
  'src/trading/orders/order.test.ts': 'the table of states, every row of it',
  'web/src/text/en.ts': 'the catalogue of English texts',
  'web/src/text/fa.ts': 'the catalogue of Persian texts',
  'web/src/styles/app.css': 'the one style sheet',
}
const LINES_MAX = 400
const APP_LINES_MAX = 200
const README_LINES_MAX = 30

describe('time and chance come in from outside', () => {
  test('nothing outside the platform reads the clock, draws numbers or waits by itself', () => {
    const watched = product.filter(path => !path.startsWith('src/platform/'))
    const fault = (line: string) => AMBIENT.find(([pattern]) => pattern.test(line))?.[1]
    expect(faultsIn(watched, fault, codeLinesOf)).toEqual([])
  })

  test('the rule sees what it looks for', () => {
    const seen = ['const a = Date.now()', 'new Date( )', 'Math.random()', 'setImmediate(run)', 'randomUUID()']
    for (const line of seen) expect(AMBIENT.some(([pattern]) => pattern.test(line))).toBe(true)
    for (const line of ['new Date(ms).toISOString()', 'timers.after(5, run)'])
      expect(AMBIENT.some(([pattern]) => pattern.test(line))).toBe(false)
  })
})

describe('the tree', () => {
  test('file names are kebab-case', () => {
    const named = code.filter(path => /^(src|simulators|test|bench|examples|scripts|web)\//.test(path))
    const isKebab = (path: string) => /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)+$/.test(basename(path))
    expect(named.filter(path => !isKebab(path))).toEqual([])
  })

  test.each(subjects)('%s has an index.ts and a README.md of at most 30 lines', subject => {
    expect(files).toContain(`${subject}/index.ts`)
    expect(files).toContain(`${subject}/README.md`)
    expect(linesOf(`${subject}/README.md`).length).toBeLessThanOrEqual(README_LINES_MAX)
  })

  test('composition roots stay under 200 lines', () => {
    const long = product.filter(path => path.startsWith('src/apps/') && linesOf(path).length >= APP_LINES_MAX)
    expect(long).toEqual([])
  })

  test('a file over 400 lines says here why, and only such a file', () => {
    const written = files.filter(path => /\.(ts|tsx|mjs|cjs|css|sql)$/.test(path))
    const long = written.filter(path => linesOf(path).length > LINES_MAX)
    expect(long.filter(path => !(path in LONG))).toEqual([])
    expect(Object.keys(LONG).filter(path => !long.includes(path))).toEqual([])
  })

  test('a folder adds to the types of another one through its index.ts', () => {
    const fault = (line: string, path: string) => {
      const module = /^declare module '(\.[^']+)'/.exec(line)?.[1]
      if (module === undefined) return undefined
      const target = join(dirname(path), module)
      return target.split('/')[1] === path.split('/')[1] || target.endsWith('/index.ts')
        ? undefined
        : 'name the index.ts'
    }
    expect(faultsIn(product, fault)).toEqual([])
  })
})

describe('the words', () => {
  const marks = new RegExp(`\\b(${['TO', 'FIX'].map((start, i) => start + ['DO', 'ME'][i]).join('|')}|X{3})\\b`)

  test('nothing is left for later in a comment', () => {
    expect(
      faultsIn([...code, ...documents], line => (marks.test(line) ? 'do it or write it down elsewhere' : undefined)),
    ).toEqual([])
  })

  test('a class is named after what it is', () => {
    const fault = (line: string) =>
      /\b(class|interface) \w*(Manager|Helper|Util|Utils|Service|Base)\b/.test(line)
        ? 'name it after what it is'
        : undefined
    expect(faultsIn(product, fault)).toEqual([])
  })

  test('no test runs alone', () => {
    const fault = (line: string) => (/\b(test|it|describe)\.only\b/.test(line) ? 'remove .only' : undefined)
    expect(
      faultsIn(
        code.filter(path => isTest(path) && path !== 'test/tidy.test.ts'),
        fault,
      ),
    ).toEqual([])
  })

  test('nothing tells of the machine that it was written on', () => {
    const machine = /(?<![\w.)}\]-])\/(?:work|home|root|Users|tmp)\/\w|\bregistry\.[a-z-]+\.\w/
    const written = files.filter(
      path => /\.(ts|tsx|mjs|cjs|css|sql|md|json|yml|npmrc)$/.test(path) || path.startsWith('.ci/'),
    )
    expect(faultsIn(written, line => machine.exec(line)?.[0])).toEqual([])
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "[^"]*:/)
  })
})

describe('the documents', () => {
  const linksOf = (path: string) =>
    [
      ...textOf(path)
        .replace(/```[\s\S]*?```|`[^`\n]*`/g, '')
        .matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g),
    ].map(match => match[1] ?? match[2]!)
  const anchorsOf = (path: string) =>
    linesOf(path).flatMap(line => {
      const heading = /^#+ (.*)$/.exec(line)?.[1]
      return heading === undefined
        ? []
        : [
            heading
              .toLowerCase()
              .replace(/[^\p{L}\p{N} _-]/gu, '')
              .replaceAll(' ', '-'),
          ]
    })

  test.each(documents)('the links of %s lead somewhere', path => {
    const broken = linksOf(path).filter(link => {
      if (/^(https?:|mailto:)/.test(link)) return false
      const [target = '', anchor] = link.split('#')
      const file = target === '' ? path : join(dirname(path), target)
      if (!existsSync(join(ROOT, file))) return true
      return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test('what stands in `code` as a path of ours exists', () => {
    const path = /`((?:src|simulators|test|bench|examples|scripts|web|docs)\/[\w./-]*\w\/?)`/g
    const gone = documents.flatMap(document =>
      [...textOf(document).matchAll(path)].flatMap(([, name]) =>
        [ROOT, join(ROOT, dirname(document))].some(base => existsSync(join(base, name!)))
          ? []
          : [`${document}: ${name}`],
      ),
    )
    expect(gone).toEqual([])
  })

  test('the security checks that tests name are in docs/security-checks.md', () => {
    const listed = new Set([...textOf('docs/security-checks.md').matchAll(/^\| SC-(\d+) \|/gm)].map(match => match[1]))
    const named = files
      .filter(isTest)
      .flatMap(path => [...textOf(path).matchAll(/\bSC-(\d+)\b/g)].map(match => match[1]!))
    expect(named.filter(number => !listed.has(number))).toEqual([])
  })
})
