import { expect, test } from 'vitest'
import { createExchange } from '../connector/exchange.ts'
import { htxRest } from './rest.ts'

const refusal = (body: unknown, status = 200) =>
  htxRest.refusal({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) })

const failure = (code: string, message: string) => ({
  status: 'error',
  'err-code': code,
  'err-msg': message,
  data: null,
})

/** Codes and texts as HTX has sent them, from the comments of ccxt's table of them. */
test('an error of the trading system proves that an order was refused', () => {
  const code = 'account-frozen-balance-insufficient-error'
  const text = 'trade account balance is not enough, left: `0.0027`'
  expect(refusal(failure(code, text))).toBe(`${code}: ${text}`)
  expect(refusal(failure('order-orderstate-error', 'Incorrect order state'))).toMatch(/^order-orderstate-error/)
})

test('a cancel by client id says by a number that there was nothing to cancel', () => {
  for (const state of ['-1', '0', '5', '6', '7', 0, 7]) expect(refusal({ status: 'ok', data: state })).not.toBeNull()
  expect(refusal({ status: 'ok', data: '10' })).toBeNull()
})

test('an order that was taken, and whatever did not come from the trading system, proves nothing', () => {
  expect(refusal({ status: 'ok', data: '356501383558845' })).toBeNull()
  expect(refusal(failure('gateway-internal-error', 'Failed to load data. Try again later.'))).toBeNull()
  expect(refusal(failure('timeout', 'Request Timeout'))).toBeNull()
  expect(refusal(failure('order-update-error', ''))).toBeNull()
  expect(refusal('<html>Bad Gateway</html>', 502)).toBeNull()
  expect(refusal('{"status":"error","err-co')).toBeNull()
})

test('the key and the signature of a request that fails are not in the message about it', async () => {
  const urls: string[] = []
  const exchange = await createExchange({
    dialect: htxRest,
    endpoint: null,
    isTestnet: false,
    credentials: { apiKey: 'the-key-itself', secret: 'secret' },
    transport: {
      async fetch({ url }) {
        urls.push(url)
        return { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' }
      },
      connect: () => ({ send() {}, close() {} }),
    },
    gate: { send: (_request, send) => send() },
    clock: { now: () => Date.parse('2026-01-01T00:00:00Z') * 1_000 },
    skewMs: () => 0,
    timeoutMs: 1_000,
  })
  const failed = exchange.request('v2/user/uid', ['spot', 'private'] as never, 'GET', {})
  await expect(failed).rejects.toThrow(/503/)
  await expect(failed).rejects.not.toThrow(/the-key-itself|Signature/)
  expect(urls[0]).toMatch(/AccessKeyId=the-key-itself&.*&Signature=/)
})
