import { z } from 'zod'
import { assert } from '../../kernel/index.ts'

type Json = { [name: string]: unknown }

/** The JSON schema of what goes in or comes out. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  return rest
}

/**
 * Asserts that no object in a request's schema takes fields it does not name: they are refused, not dropped, so that nobody
 * sets what is not theirs to set.
 */
export function assertStrict(schema: z.ZodType, where: string): void {
  assert(isStrict(jsonSchemaOf(schema, 'input')), `${where} takes fields that it does not name: use z.strictObject`)
}

function isStrict(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isStrict)
  if (typeof node !== 'object' || node === null) return true
  const { type, properties, additionalProperties } = node as Json
  if (type === 'object' && properties !== undefined && additionalProperties !== false) return false
  return Object.values(node).every(isStrict)
}
