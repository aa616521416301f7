import type { Command } from 'commander'
import { AppError, type TenantId } from '../../kernel/index.ts'
import { type Verification, verify } from '../../ledger/index.ts'
import { createDatabase, roleUrl } from '../../platform/index.ts'
import { DEMO_TENANT } from '../demo.ts'
import { quietLog, withDatabase } from './db.ts'

interface Options {
  data?: string
  tenant: string
  json?: boolean
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** `bourse ledger`: the books by hand. */
export function ledgerCommand(program: Command): void {
  program
    .command('ledger')
    .summary('look after the books')
    .description('Looks after the books of a tenant, in DATABASE_URL or the embedded database.')
    .command('verify')
    .description(
      'Works the books out again from their journals: the chain of seals, zero sums, balances and versions, and holds. ' +
        'Changes nothing; exit code 1 when something differs.',
    )
    .option('--data <folder>', 'of the embedded database (BOURSE_DATA, default ./data)')
    .option('--tenant <id>', 'whose books', DEMO_TENANT)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  bourse ledger verify\n  bourse ledger verify --json')
    .action(verifyNow)
}

async function verifyNow(options: Options): Promise<void> {
  if (!UUID.test(options.tenant)) throw new AppError('request.invalid', { field: '--tenant', rule: 'is a UUID' })
  const result = await withDatabase(options, { mayCreate: false }, async ownerUrl => {
    const db = createDatabase({ url: roleUrl(ownerUrl, 'bourse_app'), connectionsMax: 1, log: quietLog() })
    try {
      return await verify(db, options.tenant as TenantId)
    } finally {
      await db.close()
    }
  })
  console.log(options.json === true ? JSON.stringify(result) : textOf(result))
  if (!result.isSound) process.exitCode = 1
}

function textOf({ isSound, faults, ...counts }: Verification): string {
  const { accounts, journals, entries, holds, seals, unsealed } = counts
  const seen = `${accounts} accounts, ${journals} journals, ${entries} entries, ${holds} holds, ${seals} seals (${unsealed} journals not sealed yet)`
  const told = faults.map(({ kind, id, rule }) => `${kind} ${id}: ${rule}`)
  return [`${isSound ? 'The books are sound' : 'The books are NOT sound'}: ${seen}.`, ...told].join('\n')
}
