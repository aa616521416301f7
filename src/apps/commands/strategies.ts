import type { Command } from 'commander'
import { z } from 'zod'
import { BUILT_IN } from '../../strategies/index.ts'
import type { AnyStrategy } from '../../trading/index.ts'

interface Property {
  type?: string
  default?: unknown
  description?: string
}

/** `bourse strategies`: what can be run, and its parameters. */
export function strategiesCommand(program: Command): void {
  program
    .command('strategies')
    .summary('list the strategies and their parameters')
    .description('Lists the strategies that can be run, with their parameters and defaults.')
    .option('--json', 'print one JSON array')
    .addHelpText('after', '\nExample:\n  bourse strategies --json')
    .action((options: { json?: boolean }) => {
      const list = BUILT_IN.map(describe)
      console.log(options.json === true ? JSON.stringify(list) : list.map(asText).join('\n\n'))
    })
}

const describe = (strategy: AnyStrategy) => ({
  name: strategy.name,
  description: strategy.description,
  parameters: (z.toJSONSchema(strategy.parameters, { io: 'input' }).properties ?? {}) as Record<string, Property>,
})

function asText({ name, description, parameters }: ReturnType<typeof describe>): string {
  const rows = Object.entries(parameters).map(
    ([key, property]) => `  ${key.padEnd(12)} ${String(property.default).padEnd(8)} ${property.description ?? ''}`,
  )
  return [name, `  ${description}`, ...rows].join('\n')
}
