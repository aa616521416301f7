import { expect, test } from 'vitest'
import { AppError } from '../../kernel/index.ts'
import { configReference, loadConfig } from './config.ts'

const faultsOf = (env: Record<string, string>) => {
  try {
    loadConfig(env)
  } catch (error) {
    return (error as AppError).details.faults
  }
  return []
}

test('an empty environment gives the defaults', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({ port: 3000, metricsPort: 9464, host: '127.0.0.1', isDemo: false, dataDir: './data' })
  expect(Object.isFrozen(config)).toBe(true)
})

test('every fault is told at once, naming the variable and the rule', () => {
  expect(faultsOf({ BOURSE_PORT: '70000', BOURSE_DEMO: 'yes', DATABASE_URL: 'mysql://x' })).toEqual([
    { field: 'BOURSE_PORT', rule: 'is a port, 0 to 65535 (0 takes a free one)' },
    { field: 'BOURSE_DEMO', rule: 'is true or false' },
    { field: 'DATABASE_URL', rule: 'is a URL such as postgresql://user:password@host:5432/name' },
  ])
})

test('demo mode refuses to listen beyond this machine', () => {
  expect(faultsOf({ BOURSE_DEMO: 'true', BOURSE_HOST: '0.0.0.0' })).toEqual([
    { field: 'BOURSE_HOST', rule: 'is a loopback address in demo mode, which has no sign-in' },
  ])
  expect(faultsOf({ BOURSE_DEMO: 'true', BOURSE_HOST: '::1' })).toEqual([])
})

test('a fault never repeats the value, which may hold a password', () => {
  expect(() => loadConfig({ DATABASE_URL: 'hunter2' })).toThrowError(AppError)
  expect(() => loadConfig({ DATABASE_URL: 'hunter2' })).not.toThrowError(/hunter2/)
})

test('a misspelt variable is reported, not silently ignored', () => {
  expect(loadConfig({ BOURSE_PROT: '1' }).unknownVariables).toEqual(['BOURSE_PROT'])
})

test('the reference names every variable', () => {
  expect(configReference().map(row => row.name)).toContain('BOURSE_METRICS_PORT')
})
