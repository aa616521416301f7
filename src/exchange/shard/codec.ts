import { AppError, type Micros } from '../../kernel/index.ts'
import type { CommandKind, CommandOf, ShardCommand } from './command.ts'

/**
 * The form of a command in the journal: `[kind, at, ...fields]`, in this order. New fields go at the end and are absent in
 * older rows; a field is never taken away, since old rows are read for ever.
 */
const FIELDS: { readonly [K in CommandKind]: readonly Exclude<keyof CommandOf<K>, 'kind' | 'sequence' | 'at'>[] } = {
  add_asset: ['asset', 'code', 'scale'],
  add_instrument: ['instrument', 'base', 'quote', 'rules', 'pair', 'tick', 'lot'],
  add_account: ['account', 'owner'],
  set_fees: ['account', 'makerPpm', 'takerPpm'],
  deposit: ['account', 'asset', 'amount', 'transfer'],
  withdraw: ['account', 'asset', 'amount', 'transfer'],
  place: [
    'account',
    'instrument',
    'clientId',
    'side',
    'type',
    'timeInForce',
    'price',
    'trigger',
    'quantity',
    'display',
    'isPostOnly',
    'selfTrade',
    'expireAt',
    'session',
  ],
  cancel: ['account', 'order', 'clientId'],
  cancel_all: ['account', 'instrument', 'session'],
  amend: ['account', 'order', 'clientId', 'price', 'quantity'],
  set_phase: ['instrument', 'phase', 'until', 'next'],
  set_reference: ['instrument', 'price'],
  tick: [],
}

/** The text of a batch; numbers are those of the row. */
export const encodeBatch = (commands: readonly ShardCommand[]): string =>
  JSON.stringify(
    commands.map(command => {
      const row: unknown[] = [command.kind, command.at]
      const fields = FIELDS[command.kind] as readonly string[]
      for (const field of fields) row.push((command as unknown as Record<string, unknown>)[field])
      return row
    }),
  )

/** The commands of a row whose first has the number `first`. @throws AppError `exchange.journal_unreadable` */
export function decodeBatch(text: string, first: number): ShardCommand[] {
  let rows: unknown
  try {
    rows = JSON.parse(text)
  } catch (cause) {
    throw new AppError('exchange.journal_unreadable', { sequence: first, rule: 'is JSON' }, { cause })
  }
  if (!Array.isArray(rows)) throw new AppError('exchange.journal_unreadable', { sequence: first, rule: 'is a list' })
  return rows.map((row: [CommandKind, Micros, ...unknown[]], i) => {
    const fields = FIELDS[row[0]] as readonly string[] | undefined
    if (fields === undefined)
      throw new AppError('exchange.journal_unreadable', { sequence: first + i, rule: 'is a known command' })
    const command: Record<string, unknown> = { kind: row[0], sequence: first + i, at: row[1] }
    for (let f = 0; f < fields.length; f++) command[fields[f]!] = row[f + 2]
    return command as unknown as ShardCommand
  })
}
