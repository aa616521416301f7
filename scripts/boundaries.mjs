// Who imports whom, by the rules of .dependency-cruiser.cjs. Fails also when it saw fewer modules than there are, or a folder
// that is on no floor: a check that sees nothing finds nothing.
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)
const { floors, forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs')

const FOLDERS = ['src', 'simulators', 'test', 'bench', 'examples', 'web/src']
const isModule = entry => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')
const folders = FOLDERS.filter(folder => readdirSync(join(root, dirname(folder))).includes(folder.split('/').at(-1)))
const present = folders.flatMap(folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(isModule)
    .map(entry => join(entry.parentPath, entry.name)),
)

const { output } = await cruise(folders, { ...options, ruleSet: { forbidden }, validate: true }, undefined, {
  tsConfig: extractTSConfig('tsconfig.json'),
})
const seen = new Set(output.modules.map(module => module.source))
const faults = output.summary.violations.map(({ from, to, rule, cycle }) => {
  const path = cycle ? cycle.map(step => step.name).join(' → ') : to
  return `${from} → ${path}\n  ${rule.name}: ${forbidden.find(({ name }) => name === rule.name).comment}`
})
for (const file of present) if (!seen.has(file)) faults.push(`${file} was not looked at`)
for (const { name } of readdirSync('src', { withFileTypes: true }).filter(entry => entry.isDirectory()))
  if (!floors.flat().includes(name)) faults.push(`src/${name} is on no floor: put it into .dependency-cruiser.cjs`)

for (const fault of faults) console.error(fault)
console.log(`${present.length} modules, ${output.summary.totalDependenciesCruised} imports, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
