import { expect, test } from 'vitest'
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
