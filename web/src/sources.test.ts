import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const SOURCES = (readdirSync(FOLDER, { recursive: true }) as string[])
  .map(name => name.replaceAll('\\', '/'))
  .filter(name => /(?<!\.test)\.tsx?$/.test(name))
const linesOf = (name: string) => readFileSync(FOLDER + name, 'utf8').split('\n')

/** Where a line matches, as `file: line`, but for the files that may. */
const found = (pattern: RegExp, mayBe: (name: string) => boolean): string[] =>
  SOURCES.filter(name => !mayBe(name)).flatMap(name =>
    linesOf(name).flatMap(line =>
      pattern.test(line) && !/^\s*(\/?\*|\/\/)/.test(line) ? [`${name}: ${line.trim()}`] : [],
    ),
  )

/** Charts give and take floats; what comes out goes through `formatNumber`. */
const PICTURES = ['pages/shared/line.tsx', 'pages/trade/candlesticks.tsx']

test('numbers are written by `show/` alone: its digits, signs and direction are right in every language', () => {
  const writing =
    /\.(toFixed|toLocaleString|toPrecision|toExponential|toLocaleTimeString|toLocaleDateString)\(|Intl\.(NumberFormat|DateTimeFormat)/
  expect(found(writing, name => name.startsWith('show/') || PICTURES.includes(name))).toEqual([])
})

/** Fields of the views that are numbers, decimal texts or times. */
const NUMBERS =
  'at|allocation|ask|averageCost|averagePrice|bid|change24h|close|count|createdAt|equity|fee|fees|filled|gain|high|last|length|lot|low|mark|net|notionalMin|open|openOrders|price|quantity|quantityMin|realised|sequence|since|startedAt|tick|triggerPrice|unrealised|updatedAt|volume|volume24h'
const value = String.raw`[\w$]+(?:[?!]?\.[\w$]+)*[?!]?\.(?:${NUMBERS})`

test('no number of a view stands in a page by itself: it is shown by Num, Sym, Time or Ago', () => {
  const child = new RegExp(String.raw`(^|>|\}|\w )\s*\{${value}\}\s*($|<|\{|\w)`)
  const inTemplate = new RegExp(String.raw`(^|>)\s*\{\`[^\`]*\$\{${value}\}`)
  const allowed = (name: string): boolean => !name.endsWith('.tsx')
  expect(found(child, allowed)).toEqual([])
  expect(found(inTemplate, allowed)).toEqual([])
})

test('what is left of something in English is right of it in Persian: no class names a side', () => {
  const side =
    /["'`\s:](-?(ml|mr|pl|pr|left|right|border-l|border-r|rounded-l|rounded-r|scroll-ml|scroll-mr)-[\w[(]|(text|float|clear)-(left|right)\b)/
  // A flyout is placed by measured pixels, which count from the left in every language.
  expect(found(side, name => name === 'ui/flyout.tsx' || !name.endsWith('.tsx'))).toEqual([])
})

test('the patterns find what they look for', () => {
  const child = new RegExp(String.raw`(^|>|\}|\w )\s*\{${value}\}\s*($|<|\{|\w)`)
  for (const line of ['<td>{row.price}</td>', '  {order.filled}', '<b>{data?.last}</b>', 'of {orders.length} orders'])
    expect(child.test(line), line).toBe(true)
  for (const line of ['<Num value={row.price} />', '<Sym>{item.pair}</Sym>', 'x={a.price} y={1}'])
    expect(child.test(line), line).toBe(false)
})
