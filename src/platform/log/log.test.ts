import { expect, test } from 'vitest'
import { createLog } from './log.ts'

function captured(write: (log: ReturnType<typeof createLog>) => void) {
  const lines: string[] = []
  write(createLog({ level: 'trace', destination: { write: line => void lines.push(line) } }))
  return lines
}

test('secrets are redacted by name, at depth, in children and in errors', () => {
  const [line = ''] = captured(log =>
    log.child({ apiKey: 'canary-1', url: 'postgresql://u:canary-2@h/d' }).error(
      {
        request: {
          headers: { Authorization: 'Bearer canary-3', cookie: 'canary-4' },
          list: [{ password: 'canary-5' }],
        },
        error: new Error('failed with Bearer canary-6', { cause: { passphrase: 'canary-7' } }),
      },
      'token eyJhbGciOiJFZERTQSJ9.canary-8.canary-9 refused',
    ),
  )
  expect(line).not.toContain('canary')
  expect(line).toContain('postgresql://u:[redacted]@h/d')
})

test('SC-91 line breaks and terminal escapes in input cannot forge a line', () => {
  const lines = captured(log => log.info({ name: 'a\r\n{"level":"error"}\u001b[2J' }, 'b\r\nc\u001b[31m\u2028d'))
  expect(lines).toHaveLength(1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be absent
  expect(lines[0]!.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/)
  expect(JSON.parse(lines[0]!).level).toBe('info')
})

test('deep, wide and cyclic values are cut to a bound', () => {
  const cycle: Record<string, unknown> = { wide: Array.from({ length: 10_000 }, (_, i) => i) }
  cycle.self = cycle
  const [line = ''] = captured(log => log.info({ cycle }, 'x'))
  expect(line.length).toBeLessThan(20_000)
})
