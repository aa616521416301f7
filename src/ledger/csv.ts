import { formatDecimal, MICROS_PER_MS, type Micros } from '../kernel/index.ts'
import type { Statement } from './history.ts'

/** What a spreadsheet takes for a formula; OWASP, CSV Injection. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^-?\d+(\.\d+)?$/

/** One field by RFC 4180; text that a spreadsheet would calculate gets an apostrophe in front. */
function field(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as CSV (RFC 4180): CRLF after every line, safe to open in a spreadsheet. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows.map(row => `${row.map(field).join(',')}\r\n`).join('')

/** `2025-11-21T12:00:00.000001Z` */
const timeText = (at: Micros): string => {
  const whole = new Date(Math.floor(at / MICROS_PER_MS)).toISOString().slice(0, -1)
  return `${whole}${String(at % MICROS_PER_MS).padStart(3, '0')}Z`
}

/** A statement with a line each for the opening and the closing balance. */
export function statementCsv({ account, from, to, opening, lines, closing }: Statement): string {
  const decimal = (amount: bigint) => formatDecimal(amount, account.scale)
  return csvOf([
    ['time', 'kind', 'journal', 'key', 'cause', 'asset', 'amount', 'balance'],
    [timeText(from), 'opening', '', '', '', account.asset, '', decimal(opening)],
    ...lines.map(line => [
      timeText(line.at),
      line.kind,
      line.journal,
      line.key,
      line.cause ?? '',
      line.asset,
      decimal(line.amount),
      decimal(line.balanceAfter),
    ]),
    [timeText(to), 'closing', '', '', '', account.asset, '', decimal(closing)],
  ])
}
