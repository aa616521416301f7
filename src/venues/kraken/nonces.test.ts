import { expect, test } from 'vitest'
import { memoryNetwork, SIMULATED_VENUES, VenueSimulator } from '../../../simulators/venues/index.ts'
import { seededRandom } from '../../kernel/index.ts'
import { manualTime } from '../../platform/testing.ts'
import { Connector } from '../connector/connector.ts'
import { TransportError } from '../port/index.ts'
import { kraken } from './index.ts'

/** Kraken refuses a request whose number was overtaken by a later one's: https://docs.kraken.com/api/docs/guides/spot-rest-auth */

test.each([1, 2, 3])('requests that overtake each other on the way are all answered (seed %i)', async seed => {
  await import('ccxt')
  const { clock, timers, advance } = manualTime()
  const definition = SIMULATED_VENUES.find(one => one.name === 'kraken')!
  const simulator = new VenueSimulator({ definition, seed: 'nonces', start: clock.now(), market: 'still' })
  const network = memoryNetwork({
    simulators: new Map([['kraken.sim', simulator]]),
    clock,
    timers,
    random: seededRandom(`nonces/${seed}`),
    latencyMs: 5,
    jitterMs: 400,
    failure: (message, isSent) => new TransportError(message, { isSent }),
  })
  let refusals = 0
  const connector = new Connector({
    definition: kraken,
    endpoint: { rest: 'http://kraken.sim', ws: 'ws://kraken.sim' },
    credentials: definition.credentials,
    transport: {
      connect: network.connect,
      async fetch(request) {
        const response = await network.fetch(request)
        if (response.body.includes('EAPI:Invalid nonce')) refusals += 1
        return response
      },
    },
    gate: { send: (_, run) => run() },
    clock,
    timers,
    random: seededRandom('nonces/connector'),
  })
  const answers = Promise.allSettled(Array.from({ length: 12 }, () => connector.balances()))
  let isOver = false
  void answers.then(() => {
    isOver = true
  })
  for (let i = 0; i < 5_000 && !isOver; i++) await advance(20)
  expect((await answers).map(({ status }) => status)).toEqual(Array(12).fill('fulfilled'))
  expect(refusals).toBeGreaterThan(0)
  await connector.close()
})
