import { fromTyped } from '../../show/number.ts'

/** The part of JSON Schema that parameters of strategies use, as fields of a form. */
export interface Field {
  readonly name: string
  readonly title: string
  readonly description: string | undefined
  readonly kind: 'integer' | 'number' | 'decimal' | 'boolean' | 'choice' | 'text' | 'json'
  readonly choices: readonly string[]
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly exclusiveMinimum: number | undefined
  readonly exclusiveMaximum: number | undefined
  readonly pattern: string | undefined
  readonly required: boolean
  readonly initial: string
}

export type FaultRule =
  | 'required'
  | 'number'
  | 'integer'
  | 'minimum'
  | 'maximum'
  | 'above'
  | 'below'
  | 'pattern'
  | 'json'
export interface Fault {
  readonly rule: FaultRule
  readonly bound?: number
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
/** Bounds that only say "a safe integer" help nobody. */
const bound = (value: unknown): number | undefined =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined

export const writeValue = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

function kindOf(schema: Json): Field['kind'] {
  if (Array.isArray(schema.enum)) return 'choice'
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') return schema.type
  if (schema.type === 'string') return text(schema.pattern)?.includes('\\d') ? 'decimal' : 'text'
  return 'json'
}

/** `takeProfitBps` reads as "Take profit bps" where the schema gives no title. */
const titleOf = (name: string): string => {
  const words = name
    .replace(/[_-]/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function fieldsOf(schema: Json): Field[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties).map(([name, given]) => {
    const outer = isObject(given) ? given : {}
    const options = [outer.anyOf, outer.oneOf].find(Array.isArray)?.filter(isObject) ?? []
    const inner: Json = options.find(option => option.type !== 'null') ?? outer
    const nullable = options.some(option => option.type === 'null')
    return {
      name,
      title: text(outer.title) ?? titleOf(name),
      description: text(outer.description) ?? text(inner.description),
      kind: kindOf(inner),
      choices: Array.isArray(inner.enum) ? inner.enum.map(String) : [],
      minimum: bound(inner.minimum),
      maximum: bound(inner.maximum),
      exclusiveMinimum: bound(inner.exclusiveMinimum),
      exclusiveMaximum: bound(inner.exclusiveMaximum),
      pattern: text(inner.pattern),
      required: !nullable && required.includes(name) && outer.default === undefined,
      initial: writeValue(outer.default),
    }
  })
}

export function faultOf(field: Field, typed: string): Fault | undefined {
  const value =
    field.kind === 'text' || field.kind === 'choice' || field.kind === 'json' ? typed.trim() : fromTyped(typed)
  if (value === '') return field.required || field.initial !== '' ? { rule: 'required' } : undefined
  if (field.kind === 'json') {
    try {
      JSON.parse(value)
    } catch {
      return { rule: 'json' }
    }
    return undefined
  }
  if (field.pattern && !new RegExp(field.pattern, 'u').test(value))
    return { rule: field.kind === 'decimal' ? 'number' : 'pattern' }
  if (field.kind !== 'integer' && field.kind !== 'number' && field.kind !== 'decimal') return undefined
  const number = Number(value)
  if (!Number.isFinite(number)) return { rule: 'number' }
  if (field.kind === 'integer' && !Number.isInteger(number)) return { rule: 'integer' }
  if (field.minimum !== undefined && number < field.minimum) return { rule: 'minimum', bound: field.minimum }
  if (field.maximum !== undefined && number > field.maximum) return { rule: 'maximum', bound: field.maximum }
  if (field.exclusiveMinimum !== undefined && number <= field.exclusiveMinimum)
    return { rule: 'above', bound: field.exclusiveMinimum }
  if (field.exclusiveMaximum !== undefined && number >= field.exclusiveMaximum)
    return { rule: 'below', bound: field.exclusiveMaximum }
  return undefined
}

/** What is sent: typed as the schema wants it; what was left empty is left out. */
export function readValues(fields: readonly Field[], typed: Readonly<Record<string, string>>): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const field of fields) {
    const value = (typed[field.name] ?? '').trim()
    if (value === '') continue
    if (field.kind === 'integer' || field.kind === 'number') values[field.name] = Number(fromTyped(value))
    else if (field.kind === 'decimal') values[field.name] = fromTyped(value)
    else if (field.kind === 'boolean') values[field.name] = value === 'true'
    else if (field.kind === 'json') values[field.name] = JSON.parse(value)
    else values[field.name] = value
  }
  return values
}

/** The server's "parameters.fast", "/parameters/fast" and "fast" are all the field "fast". */
export const fieldOf = (path: string): string =>
  path
    .split(/[./]/)
    .filter(part => part && part !== 'body' && part !== 'parameters')
    .join('.')
