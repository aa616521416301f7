import type { Command } from 'commander'
import { AppError } from '../../kernel/index.ts'
import { BUILT_IN } from '../../strategies/index.ts'
import { replay } from '../../trading/index.ts'
import { codeHash } from '../code-hash.ts'
import { linesOf } from '../support.ts'

/** `bourse replay`: proves that a recording's outputs follow from its inputs. */
export function replayCommand(program: Command): void {
  program
    .command('replay <recording>')
    .summary('run a recording again and compare every output')
    .description('Feeds the inputs of a recording to a new node and compares its outputs byte for byte.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  bourse replay data/recording.jsonl')
    .action(async (path: string, options: { json?: boolean }) => {
      const result = await replay(linesOf(path), name => BUILT_IN.find(strategy => strategy.name === name))
      const sameCode = result.header.codeHash === (await codeHash())
      const { inputs, effects, difference } = result
      if (options.json === true) console.log(JSON.stringify({ inputs, effects, sameCode, difference }))
      else if (difference === null) console.log(`${inputs} inputs gave the same ${effects} outputs, byte for byte.`)
      if (difference === null) return
      const fix = sameCode ? undefined : 'The recording was made by other code.'
      throw new AppError('recording.differs', {
        field: `line ${difference.line}`,
        rule: `recorded ${difference.recorded.slice(0, 300)} but replayed ${difference.replayed.slice(0, 300)}`,
        fix,
      })
    })
}
