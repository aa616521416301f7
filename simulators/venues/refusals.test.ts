import { generateKeyPairSync } from 'node:crypto'
import type { Exchange } from 'ccxt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock, systemTimers } from '../../src/platform/index.ts'
import { ccxtClient } from './ccxt-client.ts'
import { type ServedVenue, SIMULATED_VENUES, serve, VenueSimulator } from './index.ts'

/** What a venue must refuse, asked by the unmodified classes of ccxt with one thing about them wrong. */

const RATE_LIMIT_MS = 50
const HOUR_MS = 3_600_000

describe.each(SIMULATED_VENUES.map(definition => [definition.name, definition] as const))('%s', (name, definition) => {
  let simulator: VenueSimulator
  let served: ServedVenue
  let good: Exchange

  const client = (change: object) =>
    ccxtClient(name, { ...served, ...definition.credentials, ...change }, { rateLimit: RATE_LIMIT_MS })

  beforeAll(async () => {
    const clock = systemClock()
    simulator = new VenueSimulator({ definition, seed: 'refusals', start: clock.now(), market: 'still' })
    served = await serve(simulator, { port: 0, clock, timers: systemTimers() })
    good = await client({})
    await good.loadMarkets()
    await good.fetchBalance()
  })
  afterAll(async () => {
    await good?.close()
    await served?.close()
  })

  test('a wrong secret', async () => {
    const wrong = await client({ secret: otherSecret(definition.credentials.secret) })
    wrong.setMarkets(good.markets!)
    // ccxt knows no class for Kraken's "Invalid signature".
    await expect(errorOf(wrong)).resolves.toMatch(/^AuthenticationError|^ExchangeError.*Invalid signature/)
    await wrong.close()
  })

  test.skipIf(definition.credentials.passphrase === undefined)('a wrong passphrase', async () => {
    const wrong = await client({ passphrase: `${definition.credentials.passphrase}!` })
    wrong.setMarkets(good.markets!)
    await expect(wrong.fetchBalance()).rejects.toMatchObject({ name: 'AuthenticationError' })
    await wrong.close()
  })

  test('a clock that is an hour behind: the timestamp is too old, or the nonce was used', async () => {
    const slow = await client({})
    slow.setMarkets(good.markets!)
    const behind = { now: slow.milliseconds.bind(slow) }
    slow.milliseconds = () => behind.now() - HOUR_MS
    slow.seconds = () => Math.floor(slow.milliseconds() / 1_000)
    slow.microseconds = () => slow.milliseconds() * 1_000
    await expect(slow.fetchBalance()).rejects.toMatchObject({
      name: expect.stringMatching(/^(InvalidNonce|AuthenticationError)$/),
    })
    await slow.close()
  })
})

const errorOf = (exchange: Exchange): Promise<string> =>
  exchange.fetchBalance().then(
    () => 'no error',
    ({ name, message }: Error) => `${name} ${message}`,
  )

/** A secret of the same form that is not the account's. */
function otherSecret(secret: string): string {
  if (secret.includes('BEGIN'))
    return String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }))
  return (secret.startsWith('a') ? 'b' : 'a') + secret.slice(1)
}
