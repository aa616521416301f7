import ccxt from 'ccxt'
import { describe, expect, test } from 'vitest'
import { memoryNetwork, SIMULATED_VENUES, VenueSimulator } from '../../simulators/venues/index.ts'
import { seededRandom } from '../kernel/index.ts'
import { manualTime } from '../platform/testing.ts'
import { redirect } from './connector/endpoint.ts'
import { venueKey } from './credentials/key.ts'
import { openVenue } from './open-venue.ts'
import { type Transport, TransportError, VENUE_NAMES, type VenueName } from './port/index.ts'
import { VENUES } from './venues.ts'

/** Hosts of each venue's testnet, as the venue publishes them. */
const HOSTS: Readonly<Partial<Record<VenueName, { rest: string; streams: readonly string[] }>>> = {
  // https://developers.binance.com/docs/binance-spot-api-docs/testnet/general-info
  binance: {
    rest: 'testnet.binance.vision',
    streams: ['stream.testnet.binance.vision', 'ws-api.testnet.binance.vision'],
  },
  // https://bybit-exchange.github.io/docs/v5/guide#testnet and …/v5/ws/connect
  bybit: { rest: 'api-testnet.bybit.com', streams: ['stream-testnet.bybit.com'] },
  // The same host for REST, and a header: https://www.okx.com/docs-v5/en/#overview-demo-trading-services
  okx: { rest: 'www.okx.com', streams: ['wspap.okx.com:8443'] },
}
const names = Object.keys(HOSTS) as VenueName[]

test('a venue says that it has a testnet where its streams have an address there', () => {
  for (const name of VENUE_NAMES) {
    const { capabilities, testnetStreams } = VENUES[name]!
    expect([name, capabilities.testnet, testnetStreams !== undefined]).toEqual([name, name in HOSTS, name in HOSTS])
  }
})

/** A key to a testnet at work, at a simulator that answers for whatever host is asked. */
async function hostsOf(name: VenueName) {
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const { clock, timers, advance } = manualTime()
  const simulator = new VenueSimulator({ definition, seed: 'testnet', start: clock.now(), market: 'still' })
  const network = memoryNetwork({
    simulators: new Map([['venue.sim', simulator]]),
    clock,
    timers,
    random: seededRandom('testnet/network'),
    latencyMs: 1,
    jitterMs: 0,
    failure: (message, isSent) => new TransportError(message, { isSent }),
  })
  const asked = { rest: new Set<string>(), streams: new Set<string>(), simulated: new Set<string | undefined>() }
  const endpoint = { rest: 'http://venue.sim', ws: 'ws://venue.sim' }
  const transport: Transport = {
    fetch(request) {
      asked.rest.add(new URL(request.url).host)
      asked.simulated.add(request.headers['x-simulated-trading'])
      return network.fetch({ ...request, url: redirect(request.url, endpoint) })
    },
    connect(url, events) {
      asked.streams.add(new URL(url).host)
      return network.connect(redirect(url, endpoint), events)
    },
  }
  const key = venueKey(definition.credentials)
  const random = seededRandom('testnet/venue')
  const venue = openVenue({ venue: name, isTestnet: true, endpoint: null, key, transport, clock, timers, random })
  const told = { books: 0, isPrivateReady: false }
  const id = definition.instruments[0]!.instrument.id
  venue.watch([id], {
    onMarket: ({ kind }) => {
      if (kind === 'book') told.books += 1
    },
    onStale() {},
    onReport() {},
    onBalance() {},
    onPrivateReady: () => {
      told.isPrivateReady = true
    },
    onExternal() {},
  })
  const answers = Promise.all([venue.permissions(), venue.fees([id]), venue.balances(), venue.openOrders(id)])
  let isOver = false
  const over = () => {
    isOver = true
  }
  answers.then(over, over)
  for (let i = 0; i < 3_000 && !(isOver && told.isPrivateReady && told.books > 0); i++) {
    simulator.advance(clock.now())
    await advance(20)
    await new Promise(resolve => setImmediate(resolve))
  }
  await venue.close()
  return { asked, told, permissions: (await answers)[0] }
}

describe.each(names)('the testnet of %s', name => {
  test('is where all requests and streams of its key go, and nothing of them to real money', async () => {
    const { asked, told, permissions } = await hostsOf(name)
    expect(told).toEqual({ books: expect.any(Number), isPrivateReady: true })
    expect(told.books).toBeGreaterThan(0)
    expect([...asked.rest]).toEqual([HOSTS[name]!.rest])
    expect([...asked.streams].sort()).toEqual([...HOSTS[name]!.streams].sort())
    expect([...asked.simulated]).toEqual([name === 'okx' ? '1' : undefined])
    expect(permissions).toMatchObject({ read: true, trade: true })
  })

  test('has the stream addresses that ccxt has of it', () => {
    const exchange = new (
      ccxt.pro as unknown as Record<string, new () => { urls: { test: { ws: unknown } }; hostname: string }>
    )[name]!()
    const published = JSON.stringify(exchange.urls.test.ws).replaceAll('{hostname}', exchange.hostname)
    for (const url of Object.values(VENUES[name]!.testnetStreams!)) {
      const { protocol, host } = new URL(url)
      expect(published).toContain(`${protocol}//${host}`)
    }
  })
})

test.each(VENUE_NAMES.filter(name => !(name in HOSTS)))('%s has none, and says so by the field', name => {
  const { clock, timers } = manualTime()
  const transport: Transport = {
    fetch: () => Promise.reject(new Error('nothing is asked')),
    connect: () => {
      throw new Error('nothing is opened')
    },
  }
  const random = seededRandom('none')
  expect(() =>
    openVenue({ venue: name, isTestnet: true, endpoint: null, key: null, transport, clock, timers, random }),
  ).toThrow(`isTestnet: ${name} has no testnet`)
})
