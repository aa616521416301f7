import { describe, expect, test } from 'vitest'
import { faultOf, fieldOf, fieldsOf, readValues } from './schema.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    fastPeriod: { type: 'integer', minimum: 2, maximum: 50, default: 10, description: 'Candles' },
    share: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.5 },
    mode: { enum: ['calm', 'wild'], default: 'calm' },
    postOnly: { type: 'boolean', default: true },
    limit: { anyOf: [{ type: 'string', pattern: '^\\d+(\\.\\d+)?$' }, { type: 'null' }] },
    seed: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
  },
  required: ['fastPeriod', 'share', 'mode', 'postOnly', 'limit', 'seed'],
}
const fields = fieldsOf(SCHEMA)
const field = (name: string) => fields.find(one => one.name === name)!

describe('parameters from a schema', () => {
  test('each property is a field of its kind, with its bounds and default', () => {
    expect(fields.map(({ name, kind, initial }) => [name, kind, initial])).toEqual([
      ['fastPeriod', 'integer', '10'],
      ['share', 'number', '0.5'],
      ['mode', 'choice', 'calm'],
      ['postOnly', 'boolean', 'true'],
      ['limit', 'decimal', ''],
      ['seed', 'integer', ''],
    ])
    expect(field('fastPeriod').title).toBe('Fast period')
    expect(field('seed')).toMatchObject({ minimum: undefined, maximum: undefined, required: true })
    expect(field('limit').required).toBe(false)
  })

  test('what breaks a rule is told before it is sent', () => {
    expect(faultOf(field('fastPeriod'), '1')).toEqual({ rule: 'minimum', bound: 2 })
    expect(faultOf(field('fastPeriod'), '2.5')).toEqual({ rule: 'integer' })
    expect(faultOf(field('share'), '0')).toEqual({ rule: 'above', bound: 0 })
    expect(faultOf(field('share'), 'x')).toEqual({ rule: 'number' })
    expect(faultOf(field('share'), '')).toEqual({ rule: 'required' })
    expect(faultOf(field('limit'), '1.2.3')).toEqual({ rule: 'number' })
    expect(faultOf(field('limit'), '')).toBeUndefined()
    expect(faultOf(field('fastPeriod'), '۱۲')).toBeUndefined()
  })

  test('values are sent as the schema types them', () => {
    expect(
      readValues(fields, {
        fastPeriod: '۱۲',
        share: '0.25',
        mode: 'wild',
        postOnly: 'false',
        limit: '1,000.50',
        seed: '',
      }),
    ).toEqual({
      fastPeriod: 12,
      share: 0.25,
      mode: 'wild',
      postOnly: false,
      limit: '1000.50',
    })
  })

  test('the server names fields in several ways', () => {
    expect(['parameters.fast', '/parameters/fast', 'body.parameters.fast', 'fast'].map(fieldOf)).toEqual([
      'fast',
      'fast',
      'fast',
      'fast',
    ])
  })
})
