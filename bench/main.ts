import { type Figure, lineOf, textOf } from './report.ts'

const BENCHES: Record<string, () => Promise<{ run(): AsyncIterable<Figure> | Promise<readonly Figure[]> }>> = {
  pipeline: () => import('./pipeline.ts'),
  backtest: () => import('./backtest.ts'),
  events: () => import('./events.ts'),
  ledger: () => import('./ledger.ts'),
  pages: () => import('./pages.ts'),
  startup: () => import('./startup.ts'),
  streams: () => import('./streams.ts'),
  orders: () => import('./orders.ts'),
  exchange: () => import('./exchange.ts'),
  recovery: () => import('./recovery.ts'),
  matching: () => import('./matching.ts'),
}

const names = process.argv.slice(2).filter(arg => !arg.startsWith('--'))
const isJson = process.argv.includes('--json')
const unknown = names.find(name => !Object.hasOwn(BENCHES, name))
if (unknown !== undefined || names.length === 0) {
  console.error(
    `bench: ${unknown === undefined ? 'name a bench' : `there is no bench named ${unknown}`}: ${Object.keys(BENCHES).join(', ')}`,
  )
  console.error('Example: npm run bench -- backtest --json')
  process.exit(2)
}
let missed = 0
for (const name of names) {
  if (!isJson) console.log(`${name}`)
  const { run } = await BENCHES[name]!()
  for await (const figure of await run()) {
    console.log(isJson ? lineOf(name, figure) : `  ${textOf(figure)}`)
    if (figure.goal !== undefined && (figure.lessIsBetter ? figure.value > figure.goal : figure.value < figure.goal))
      missed += 1
  }
}
process.exit(missed === 0 ? 0 : 1)
