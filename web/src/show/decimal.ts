/**
 * Decimal texts, exactly: no number of the trading side ever becomes a float on its way to the eye.
 * A value is `digits × 10^-scale`.
 */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const SHAPE = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/
const pow10 = (n: number): bigint => 10n ** BigInt(n)

/** Undefined when the text is not a plain or scientific decimal. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = SHAPE.exec(text)
  if (!match) return undefined
  const fraction = match[3] ?? ''
  const shift = Number(match[4] ?? 0)
  const digits = BigInt(`${match[1] === '-' ? '-' : ''}${match[2]}${fraction}`)
  const scale = fraction.length - shift
  return scale < 0 ? { digits: digits * pow10(-scale), scale: 0 } : { digits, scale }
}

/** Half away from zero, as people round; only for showing. */
export function rescale(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { digits: value.digits * pow10(scale - value.scale), scale }
  const unit = pow10(value.scale - scale)
  const magnitude = value.digits < 0n ? -value.digits : value.digits
  const rounded = (magnitude * 2n + unit) / (unit * 2n)
  return { digits: value.digits < 0n ? -rounded : rounded, scale }
}

export function textOf(value: Decimal): string {
  const negative = value.digits < 0n
  const body = (negative ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0')
  const cut = body.length - value.scale
  return `${negative ? '-' : ''}${body.slice(0, cut)}${value.scale > 0 ? `.${body.slice(cut)}` : ''}`
}

const align = (a: Decimal, b: Decimal): [bigint, bigint, number] => {
  const scale = Math.max(a.scale, b.scale)
  return [rescale(a, scale).digits, rescale(b, scale).digits, scale]
}

const ZERO: Decimal = { digits: 0n, scale: 0 }
const of = (text: string): Decimal => parseDecimal(text) ?? ZERO

export function sum(texts: Iterable<string>): string {
  let total = ZERO
  for (const text of texts) {
    const [a, b, scale] = align(total, of(text))
    total = { digits: a + b, scale }
  }
  return textOf(total)
}

export const minus = (a: string, b: string): string => {
  const [x, y, scale] = align(of(a), of(b))
  return textOf({ digits: x - y, scale })
}

export const times = (a: string, b: string): string => {
  const x = of(a)
  const y = of(b)
  return textOf({ digits: x.digits * y.digits, scale: x.scale + y.scale })
}

export const compare = (a: string, b: string): number => {
  const [x, y] = align(of(a), of(b))
  return x < y ? -1 : x > y ? 1 : 0
}

/** −1, 0 or 1. */
export const signOf = (text: string): number => {
  const { digits } = of(text)
  return digits < 0n ? -1 : digits > 0n ? 1 : 0
}

/** How many decimals a tick or a lot asks for: "0.0001" is 4, "10" is 0. */
export function decimalsOf(step: string): number {
  const fraction = step.split('.')[1]?.replace(/0+$/, '') ?? ''
  return fraction.length
}

/** A tenth of a unit of the quote asset is as fine as a quantity has to be seen at a glance. */
const GLANCE = 0.1

/** The step to show quantities with beside a price: that of the lot, or coarser where lots are worth next to nothing. */
export function glanceStep(lot: string, price: string | number | null | undefined): string {
  const worth = Number(price)
  if (!(worth > 0)) return lot
  const decimals = Math.max(0, Math.ceil(Math.log10(worth / GLANCE)))
  return decimals < decimalsOf(lot) ? textOf({ digits: 1n, scale: decimals }) : lot
}

/** `a / b` to `scale` decimals; undefined when b is zero. */
export function divide(a: string, b: string, scale: number): string | undefined {
  const x = of(a)
  const y = of(b)
  if (y.digits === 0n) return undefined
  const shift = scale + 1 + y.scale - x.scale
  const digits = shift >= 0 ? (x.digits * pow10(shift)) / y.digits : x.digits / (y.digits * pow10(-shift))
  return textOf(rescale({ digits, scale: scale + 1 }, scale))
}
