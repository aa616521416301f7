import type { Command } from 'commander'
import { compareWithLedger, type ShardVerdict, verifyExchange } from '../../exchange/index.ts'
import { createDatabase, roleUrl } from '../../platform/index.ts'
import { DEMO_TENANT } from '../demo.ts'
import { HOUSE_ENGINE, HOUSE_LIMITS } from '../house.ts'
import { quietLog, withDatabase } from './db.ts'

interface Options {
  data?: string
  json?: boolean
}

/** `bourse exchange`: the house exchange by hand. */
export function exchangeCommand(program: Command): void {
  const exchange = program
    .command('exchange')
    .summary('look after the house exchange')
    .description('Looks after the house exchange in the database in DATABASE_URL, or the embedded one.')
    .addHelpText('after', '\nExample:\n  bourse exchange verify')
  exchange
    .command('verify')
    .summary('carry out the whole journal again and compare')
    .description(
      'Carries out the journal of every shard from its first command and compares what comes of it with every snapshot, with\n' +
        'the history of orders and fills, and with the ledger; changes nothing. Ends with 1 when something differs.',
    )
    .option('--data <folder>', 'of the embedded database (BOURSE_DATA, default ./data)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  bourse exchange verify\n  bourse exchange verify --json')
    .action(verify)
}

async function verify(options: Options): Promise<void> {
  const verdicts = await withDatabase(options, { mayCreate: false }, async ownerUrl => {
    const db = createDatabase({ url: roleUrl(ownerUrl, 'bourse_app'), connectionsMax: 1, log: quietLog() })
    try {
      return await verifyExchange({
        db,
        tenant: DEMO_TENANT,
        maker: HOUSE_ENGINE,
        limits: HOUSE_LIMITS,
        compareLedger: compareWithLedger,
      })
    } finally {
      await db.close()
    }
  })
  const differenceCount = verdicts.reduce((sum, verdict) => sum + verdict.differenceCount, 0)
  if (options.json === true) console.log(JSON.stringify({ shards: verdicts, differenceCount }))
  else console.log(textOf(verdicts, differenceCount))
  if (differenceCount > 0) process.exitCode = 1
}

function textOf(verdicts: readonly ShardVerdict[], differenceCount: number): string {
  const lines = verdicts.flatMap(({ shard, commands, hash, snapshots, written, orders, fills, differences }) => [
    `Shard ${shard}: ${commands} commands carried out, the state has the hash ${hash}.`,
    `  Compared: ${snapshots} snapshots, ${orders} orders and ${fills} fills up to command ${written}, and the ledger.`,
    ...differences.map(difference => `  DIFFERS: ${difference}`),
  ])
  if (verdicts.length === 0) lines.push('The exchange has no journal yet.')
  else lines.push(differenceCount === 0 ? 'Nothing differs.' : `${differenceCount} differences.`)
  return lines.join('\n')
}
