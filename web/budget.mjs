// Measures the built page against its budgets (gzip, kB of 1,000 bytes), prints JSON, and fails above them.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const LIMITS = { shell: 120, trade: 230, route: 60, css: 25, font: 60, worker: 10 }
const TRADE = 'src/pages/trade/trade.tsx'
const EXCHANGE = 'src/pages/exchange/exchange.tsx'

const dist = fileURLToPath(new URL('dist/', import.meta.url))
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'))
const sizes = new Map()
const gzip = file => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(dist + file), { level: 9 }).length)
  return sizes.get(file)
}
const kB = bytes => Math.round(bytes / 100) / 10
const total = files => kB([...files].reduce((sum, file) => sum + gzip(file), 0))

/** The chunk and everything it imports before it can run. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key].imports ?? []) closure(next, seen)
  return seen
}
const scripts = keys => new Set([...keys].map(key => manifest[key].file))

/** What runs at once, and the part that draws, which is fetched along with it. */
const START = 'src/main.tsx'
const shellKeys = closure(START, closure('index.html'))
const shell = scripts(shellKeys)
/** Loaded after the text of a page, but a part of it. */
const PICTURES = new Set(['src/pages/trade/candlesticks.tsx', 'src/pages/shared/line.tsx'])
const routes = {}
for (const key of [...shellKeys].flatMap(key => manifest[key].dynamicImports ?? [])) {
  if (shellKeys.has(key)) continue
  const keys = closure(key)
  for (const one of [...keys])
    for (const part of manifest[one].dynamicImports ?? []) if (PICTURES.has(part)) closure(part, keys)
  const extra = [...scripts(keys)].filter(file => !shell.has(file))
  routes[key] = total(extra)
}
const assets = readdirSync(`${dist}assets`).map(name => `assets/${name}`)
const styles = assets.filter(file => file.endsWith('.css'))
const report = {
  unit: 'kB gzip',
  shell: total(shell),
  trade: kB((total(shell) + routes[TRADE]) * 1_000),
  exchange: kB((total(shell) + routes[EXCHANGE]) * 1_000),
  routes: Object.fromEntries(Object.entries(routes).sort()),
  css: total(styles),
  worker: total(assets.filter(file => /worker-[\w-]+\.js$/.test(file))),
  fonts: Object.fromEntries(
    assets.filter(file => file.endsWith('.woff2')).map(file => [file, kB(readFileSync(dist + file).length)]),
  ),
}

const over = []
const check = (name, value, limit) => value > limit && over.push(`${name} is ${value} kB, above ${limit}`)
check('the shell', report.shell, LIMITS.shell)
check('the trade page', report.trade, LIMITS.trade)
check('the trade page of the exchange', report.exchange, LIMITS.trade)
for (const [name, value] of Object.entries(routes))
  if (name !== TRADE && name !== EXCHANGE) check(name, value, LIMITS.route)
check('the styles', report.css, LIMITS.css)
check('the worker', report.worker, LIMITS.worker)
for (const [name, value] of Object.entries(report.fonts)) check(name, value, LIMITS.font)

process.stdout.write(`${JSON.stringify({ ...report, limits: LIMITS, over }, null, 2)}\n`)
process.exitCode = over.length > 0 ? 1 : 0
