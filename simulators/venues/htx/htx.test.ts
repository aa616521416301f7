import { expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { htxSimulator } from './index.ts'

const START = Date.parse('2026-01-01T00:00:00Z') * 1_000
const PATH = '/v2/user/uid'
const QUERY =
  'AccessKeyId=simulated-htx-key&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2026-01-01T00%3A00%3A00'
/** By: printf 'GET\napi.huobi.pro\n/v2/user/uid\n%s' "$QUERY" | openssl dgst -sha256 -hmac "$SECRET" -binary | base64 */
const SIGN = 'Vy3mNPjeaKcGsSDc5PrugWlQtrfpPYdWMSi8URYJZAw='

const create = (start = START) => new VenueSimulator({ definition: htxSimulator, seed: 'auth', start, market: 'still' })

function ask(simulator: VenueSimulator, query: string, sign = SIGN) {
  const { answer } = simulator.request(
    requestTo('api.huobi.pro', `${PATH}?${query}&Signature=${encodeURIComponent(sign)}`),
  )
  const body = JSON.parse(answer!.body)
  return { status: answer!.status, code: body['err-code'] ?? body.code, headers: answer!.headers }
}

test('a signature that openssl made is taken, and no other', () => {
  const simulator = create()
  expect(ask(simulator, QUERY)).toMatchObject({ status: 200, code: 200 })
  // The order of the fields is of no matter: both sides sort them.
  expect(ask(simulator, QUERY.split('&').reverse().join('&')).code).toBe(200)
  expect(ask(simulator, QUERY.replace('simulated-htx-key', 'nobody')).code).toBe('api-signature-not-valid')
  expect(ask(simulator, QUERY, SIGN.replace(/^./, 'A')).code).toBe('api-signature-not-valid')
  expect(ask(simulator, `${QUERY}&symbol=xrpusdt`).code).toBe('api-signature-not-valid')
})

test('a timestamp five minutes old is the oldest that is taken', () => {
  expect(ask(create(START + 5 * MICROS_PER_MINUTE), QUERY).code).toBe(200)
  expect(ask(create(START + 5 * MICROS_PER_MINUTE + MICROS_PER_SECOND), QUERY).code).toBe('api-signature-not-valid')
})

test('more than twenty of these in two seconds are too many, and every answer says how many are left', () => {
  const simulator = create()
  const answers = Array.from({ length: 21 }, () => ask(simulator, QUERY))
  expect(answers[0]!.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '19' })
  expect(answers[19]!.code).toBe(200)
  expect(answers[20]).toMatchObject({ status: 429, code: 'base-request-exceed-frequency-limit' })
  simulator.advance(START + 2 * MICROS_PER_SECOND)
  expect(ask(simulator, QUERY).code).toBe(200)
})
