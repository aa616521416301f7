import type { Command } from 'commander'
import { AppError } from '../../kernel/index.ts'
import { roleUrl, tenantsWith } from '../../platform/index.ts'
import {
  type Credential,
  type CredentialName,
  credentialName,
  type KeyPermissions,
  rewrapAll,
  VENUES,
} from '../../venues/index.ts'
import { DEMO_TENANT } from '../demo.ts'
import { endpointOf } from './endpoint.ts'
import { withCredentials } from './venue-credentials.ts'
import { readKey } from './venue-key.ts'

interface Options {
  label: string
  data?: string
  json?: boolean
  keyFile?: string
  testnet?: boolean
  allowWithdraw?: boolean
  endpoint?: string
}

/** `bourse venues`: keys to venues. Keys are read from a prompt, a file or a pipe, never from the command line. */
export function venuesCommand(program: Command): void {
  const venues = program
    .command('venues')
    .summary('look after keys to venues')
    .description(
      'Keeps keys to venues, encrypted. A key is asked for without echo, or read with --key-file; never named here.',
    )
    .addHelpText('after', '\nExamples:\n  bourse venues add kraken\n  bourse venues test kraken --label main --json')
  const command = (name: string, description: string, example: string) =>
    venues
      .command(name)
      .description(description)
      .option('--data <folder>', 'of the embedded database and the keys (BOURSE_DATA, default ./data)')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExamples:\n  bourse venues ${example}`)
  const named = (name: string, description: string, example: string) =>
    command(`${name} <venue>`, description, example).option('--label <name>', 'tells several keys apart', 'main')
  const withKey = (name: string, description: string, example: string) =>
    named(name, description, example)
      .option('--key-file <file>', 'JSON with apiKey, secret and perhaps passphrase; - for the standard input')
      .option('--allow-withdraw', 'take the key even if it may withdraw')

  withKey('add', 'Takes a key after asking the venue what it may do.', 'add kraken --key-file kraken.json')
    .option('--testnet', "for the venue's testnet")
    .option('--endpoint <address>', 'of a simulator that stands in for the venue, e.g. http://127.0.0.1:4100')
    .action(add)
  command('list', 'Lists the keys that there are, and what they may do.', 'list --json').action(list)
  named('test', 'Asks the venue with the key that is kept.', 'test kraken').action(test)
  withKey('rotate', 'Puts a new key in the place of the old one.', 'rotate kraken --label main').action(rotate)
  command(
    'rewrap',
    'Makes a new wrapping key and wraps all keys of all tenants with it; run again, it goes on.',
    'rewrap',
  ).action(rewrap)
  named('remove', 'Forgets a key.', 'remove kraken').action(remove)
}

async function add(venue: string, options: Options): Promise<void> {
  const name = nameOf(venue, options)
  const endpoint = options.endpoint === undefined ? null : endpointOf(options.endpoint)
  if (options.testnet === true) checkTestnet(name)
  const key = await readKey(options.keyFile)
  const { testnet: isTestnet = false, allowWithdraw: isWithdrawAllowed = false } = options
  const credential = await withCredentials(options, credentials =>
    credentials.add(DEMO_TENANT, { ...name, key, isTestnet, endpoint, isWithdrawAllowed }),
  )
  tell(options, viewOf(credential), `Kept: ${lineOf(credential)}`)
}

async function list(options: Options): Promise<void> {
  const kept = await withCredentials(options, credentials => credentials.list(DEMO_TENANT))
  tell(
    options,
    { credentials: kept.map(viewOf) },
    kept.length === 0 ? 'There are no keys.' : kept.map(lineOf).join('\n'),
  )
}

async function test(venue: string, options: Options): Promise<void> {
  const name = nameOf(venue, options)
  const { credential, reason } = await withCredentials(options, credentials => credentials.test(DEMO_TENANT, name))
  tell(options, { ...viewOf(credential), reason }, `${lineOf(credential)}${reason === null ? '' : `\n${reason}`}`)
  if (reason !== null) process.exitCode = 1
}

async function rotate(venue: string, options: Options): Promise<void> {
  const name = nameOf(venue, options)
  const key = await readKey(options.keyFile)
  const { allowWithdraw: isWithdrawAllowed = false } = options
  const credential = await withCredentials(options, credentials =>
    credentials.rotate(DEMO_TENANT, name, key, { isWithdrawAllowed }),
  )
  tell(options, viewOf(credential), `Replaced: ${lineOf(credential)}`)
}

async function rewrap(options: Options): Promise<void> {
  const result = await withCredentials(options, (credentials, { keys, ownerUrl }) =>
    rewrapAll({ keys, credentials, tenants: () => tenantsWith(roleUrl(ownerUrl, 'dispatcher'), 'credential.added') }),
  )
  const { keyId, isRotated, rewrapped, unreadable } = result
  const lines = [
    `${isRotated ? 'A new wrapping key was made' : 'An earlier run was finished'}: ${keyId} wraps ${rewrapped} keys more.`,
    ...unreadable.map(
      ({ tenant, venue, label }) =>
        `Cannot be read, and is left: ${venue} ${label} of tenant ${tenant}. Remove or replace it.`,
    ),
  ]
  tell(options, result, lines.join('\n'))
  if (unreadable.length > 0) process.exitCode = 1
}

async function remove(venue: string, options: Options): Promise<void> {
  const name = nameOf(venue, options)
  const credential = await withCredentials(options, credentials => credentials.remove(DEMO_TENANT, name))
  tell(options, viewOf(credential), `Removed: ${credential.venue} ${credential.label}`)
}

/** @throws AppError naming the flag, before a key is asked for */
function checkTestnet({ venue }: CredentialName): void {
  const having = Object.values(VENUES).filter(({ capabilities }) => capabilities.testnet)
  if (having.some(({ name }) => name === venue)) return
  const rule = `${venue} has no testnet; there is one of ${having.map(({ name }) => name).join(', ')}`
  throw new AppError('request.invalid', { field: '--testnet', rule })
}

/** @throws AppError that names the argument or flag at fault */
function nameOf(venue: string, { label }: Options): CredentialName {
  try {
    return credentialName({ venue, label })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const faults = (error.details.faults ?? []).map(({ field, rule }) => ({
      field: field === 'label' ? '--label' : '<venue>',
      rule,
    }))
    throw new AppError('request.invalid', { faults })
  }
}

const timeText = (at: number | undefined | null): string | null =>
  at == null ? null : new Date(at / 1_000).toISOString()

const viewOf = (credential: Credential) => ({
  ...credential,
  addedAt: timeText(credential.addedAt),
  rotatedAt: timeText(credential.rotatedAt),
  test: credential.test === null ? null : { at: timeText(credential.test.at), outcome: credential.test.outcome },
})

const rightText = (name: string, has: boolean | null) => `${name} ${has === null ? 'unknown' : has ? 'yes' : 'no'}`

function lineOf({ venue, label, isTestnet, endpoint, permissions, test }: Credential): string {
  const where = endpoint === null ? (isTestnet ? ' (testnet)' : '') : ` (at ${endpoint.rest})`
  const rights = (['read', 'trade', 'withdraw'] as const).map((name: keyof KeyPermissions) =>
    rightText(name, permissions[name]),
  )
  const tested = test === null ? 'not tested' : `${test.outcome.replace('_', ' ')} ${timeText(test.at)}`
  return `${venue.padEnd(9)} ${label.padEnd(12)} ${rights.join(', ')}; ${tested}${where}`
}

const tell = (options: Options, view: object, text: string) =>
  console.log(options.json === true ? JSON.stringify(view) : text)
