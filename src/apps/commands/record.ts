import type { Command } from 'commander'
import { AppError, type Instrument, type MarketInput } from '../../kernel/index.ts'
import { createLog, createSupervisor, systemClock, systemRandom, systemTimers } from '../../platform/index.ts'
import { memoryLatch } from '../../trading/index.ts'
import { nodeTransport, openVenue, VENUE_NAMES, type Venue, type VenueName } from '../../venues/index.ts'
import { openRecorder } from '../recorder.ts'
import { numberOption } from '../support.ts'
import { endpointOf } from './endpoint.ts'

interface Options {
  out: string
  endpoint?: string
  seconds?: string
}

const PAIRS_MAX = 50
const SECONDS_MAX = 7 * 86_400
const TELL_MS = 1_000

/** `bourse record`: a venue's live market to disk, for backtests and replays. */
export function recordCommand(program: Command): void {
  program
    .command('record <venue> <pair...>')
    .summary("write a venue's live market to a file")
    .description(
      'Watches books and trades of a venue, without a key, and writes them down until Ctrl-C or --seconds. The file can be\n' +
        'traded by `bourse backtest --recording`.',
    )
    .requiredOption('--out <file>', 'where to')
    .option('--seconds <number>', 'how long; until it is stopped unless given')
    .option('--endpoint <address>', 'of a simulator that stands in for the venue, e.g. http://127.0.0.1:4100')
    .addHelpText(
      'after',
      '\nExamples:\n  bourse record kraken XRP/USD DOGE/USD --out data/kraken.jsonl\n' +
        '  bourse record binance XRP/USDT --out data/binance.jsonl --seconds 3600',
    )
    .action(record)
}

async function record(name: string, pairs: readonly string[], options: Options): Promise<void> {
  if (!(VENUE_NAMES as readonly string[]).includes(name))
    throw new AppError('venue.unsupported', { field: 'venue', rule: `is one of ${VENUE_NAMES.join(', ')}` })
  if (pairs.length > PAIRS_MAX)
    throw new AppError('request.invalid', { field: 'pair', rule: `at most ${PAIRS_MAX} at once` })
  const seconds = numberOption('--seconds', options.seconds, { min: 1, max: SECONDS_MAX })
  const log = createLog({ level: 'warn' })
  const [clock, timers] = [systemClock(), systemTimers(error => log.error({ error }, 'something failed'))]
  const supervisor = createSupervisor({ log, timers })
  const transport = nodeTransport(timers)
  const venue = openVenue({
    venue: name as VenueName,
    isTestnet: false,
    endpoint: options.endpoint === undefined ? null : endpointOf(options.endpoint),
    key: null,
    transport,
    clock,
    timers,
    random: systemRandom(),
  })
  const instruments = await instrumentsOf(venue, pairs)
  const recorder = await openRecorder({ path: options.out, instruments, clock, latch: memoryLatch(), log })
  let inputs = 0
  const take = (input: MarketInput) => {
    recorder.record(input, [], inputs)
    inputs += 1
  }
  const stale = new Map<string, string | null>()
  venue.watch(
    instruments.map(({ id }) => id),
    {
      onMarket: take,
      onStale: (instrument, reason) => void stale.set(instrument, reason),
      onReport() {},
      onBalance() {},
      onPrivateReady() {},
      onExternal() {},
    },
  )
  const telling = timers.every(TELL_MS, () => tell(inputs, stale))
  await new Promise<void>(resolve => {
    supervisor.onStop('recording', async () => {
      telling.cancel()
      await venue.close()
      await transport.close()
      await recorder.close()
      tell(inputs, stale, '\n')
      resolve()
    })
    supervisor.listen()
    if (seconds !== undefined) timers.after(seconds * 1_000, () => void supervisor.stop('the time is over'))
  })
}

async function instrumentsOf(venue: Venue, pairs: readonly string[]): Promise<Instrument[]> {
  const all = await venue.instruments()
  return pairs.map(pair => {
    const found = all.find(one => one.pair === pair)
    if (found === undefined)
      throw new AppError('instrument.unknown', {
        field: pair,
        rule: `is traded at ${venue.name}, e.g. ${all[0]?.pair}`,
      })
    return found
  })
}

function tell(inputs: number, stale: ReadonlyMap<string, string | null>, end = ''): void {
  if (!process.stderr.isTTY) return
  const bad = [...stale].flatMap(([instrument, reason]) => (reason === null ? [] : [`${instrument} is ${reason}`]))
  process.stderr.write(`\r\x1b[K${inputs} inputs${bad.length === 0 ? '' : ` · ${bad.join(', ')}`}${end}`)
}
