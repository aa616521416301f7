import { type Decimal, parseDecimal, rescale, textOf } from './decimal.ts'

export type Digits = 'latin' | 'persian'

export interface NumberStyle {
  /** Fixed decimals; without it the text's own. */
  readonly decimals?: number | undefined
  /** `always`: + and − are both written; zero has neither. */
  readonly sign?: 'negative' | 'always' | undefined
  /** The value is a fraction and is written in percent. */
  readonly percent?: boolean | undefined
  readonly digits?: Digits | undefined
  readonly group?: boolean | undefined
}

export const UNKNOWN = '—'
const MINUS = '\u2212'
const PERSIAN = ['۰', '۱', '۲', '۳', '۴', '۵', '۶', '۷', '۸', '۹']

export const toPersianDigits = (text: string): string =>
  text.replace(/[0-9]/g, digit => PERSIAN[Number(digit)] as string)

/** Any of 0-9, ۰-۹, ٠-٩ and either decimal separator, as a plain decimal text; what people type. */
export function fromTyped(text: string): string {
  return text
    .trim()
    .replace(/[\u06f0-\u06f9]/g, digit => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/[\u0660-\u0669]/g, digit => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\u066c,\s_]/g, '')
    .replace(/\u066b/g, '.')
}

const groupThousands = (integer: string): string => integer.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

const shiftBy2 = (value: Decimal): Decimal => {
  const wide = value.scale >= 2 ? value : rescale(value, 2)
  return { digits: wide.digits, scale: wide.scale - 2 }
}

/** A plain number as decimal text; only for figures that are floats on the wire (health, latency). */
const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : '')

/** Ready to show, or "—" when there is no such value. */
export function formatNumber(value: string | number | null | undefined, style: NumberStyle = {}): string {
  if (value === null || value === undefined) return UNKNOWN
  const quick = typeof value === 'string' && !style.percent ? asWritten(value, style.decimals) : undefined
  if (quick !== undefined) return dressed(quick, quick.startsWith('-') ? -1 : IS_ZERO.test(quick) ? 0 : 1, style)
  let decimal = parseDecimal(typeof value === 'number' ? numberText(value) : value)
  if (decimal === undefined) return UNKNOWN
  if (style.percent) decimal = shiftBy2(decimal)
  if (style.decimals !== undefined) decimal = rescale(decimal, style.decimals)
  return dressed(textOf(decimal), decimal.digits > 0n ? 1 : decimal.digits < 0n ? -1 : 0, style)
}

const PLAIN = /^-?\d+(?:\.(\d+))?$/
const IS_ZERO = /^-?[0.]+$/

/** A text that needs no rounding, filled up to the decimals; undefined when it takes arithmetic. */
function asWritten(text: string, decimals: number | undefined): string | undefined {
  const match = PLAIN.exec(text)
  if (!match || (text.startsWith('-') && IS_ZERO.test(text))) return undefined
  const there = match[1]?.length ?? 0
  if (decimals === undefined || there === decimals) return text
  if (there > decimals) return undefined
  return `${text}${there === 0 ? '.' : ''}${'0'.repeat(decimals - there)}`
}

/** A plain decimal text with its sign, groups, percent and digits. */
function dressed(plain: string, sign: number, style: NumberStyle): string {
  const [integer = '0', fraction] = plain.replace('-', '').split('.')
  const body = (style.group === false ? integer : groupThousands(integer)) + (fraction ? `.${fraction}` : '')
  const mark = plain.startsWith('-') ? MINUS : style.sign === 'always' && sign > 0 ? '+' : ''
  const latin = `${mark}${body}${style.percent ? '%' : ''}`
  return style.digits === 'persian'
    ? toPersianDigits(latin).replace('.', '٫').replaceAll(',', '٬').replace('%', '٪')
    : latin
}
