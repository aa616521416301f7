import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import { createProgram, runProgram } from '../../src/apps/program.ts'
import { eventually } from '../../src/platform/testing.ts'
import { bourse, startBourse, temporaryFolder, unreadBourse } from './process.ts'

/** The command line as a person meets it: its two outputs and its exit code. */

const folder = temporaryFolder()
const real = join(
  process.env.BOURSE_SHARED ?? resolve(import.meta.dirname, '../../../shared'),
  'data/candles/kraken_XRPUSD_1h.csv.gz',
)
const onRealData = test.skipIf(!existsSync(real))
const oneLine = (text: string) => text.trim().split('\n').length === 1

/** Twelve hours of candles that go up and down, one of them twice and one line broken. */
const candleFile = join(folder, 'wave.csv')
const wave = Array.from({ length: 720 }, (_, i) => {
  const price = (1 + 0.1 * Math.sin(i / 40)).toFixed(4)
  return `${1_700_000_040 + i * 60},${price},${price},${price},${price},1000`
})
writeFileSync(candleFile, ['timestamp,open,high,low,close,volume', ...wave, wave[9], 'this is no candle'].join('\n'))

/** A call that ends before anything is started needs no process of its own. */
async function called(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  vi.spyOn(console, 'log').mockImplementation(text => {
    out += `${text}\n`
  })
  vi.spyOn(console, 'error').mockImplementation(text => {
    err += `${text}\n`
  })
  const program = createProgram()
  const everyCommand = [program, ...program.commands, ...program.commands.flatMap(command => command.commands)]
  for (const command of everyCommand)
    command.configureOutput({
      writeOut: text => {
        out += text
      },
      writeErr: text => {
        err += text
      },
    })
  return { code: await runProgram(program, args), out, err }
}
afterEach(() => vi.restoreAllMocks())

describe('help', () => {
  test('a process says the same as the program in it', async () => {
    for (const args of [['--help'], ['backtest']]) expect(bourse(args)).toEqual(await called(args))
  })

  test('nobody has to read it', async () => {
    expect(await unreadBourse(['--help'])).toEqual({ code: 0, err: '' })
  })

  const commands = createProgram().commands.flatMap(command =>
    command.commands.length === 0 ? [[command.name()]] : command.commands.map(sub => [command.name(), sub.name()]),
  )

  test.each(commands.map(command => [command.join(' ')]))('bourse %s --help shows an example', async command => {
    const { code, out, err } = await called([...command.split(' '), '--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(new RegExp(`Examples?:\\n {2}.*bourse ${command}`))
  })

  test.each([
    [['no-such-command'], "unknown command 'no-such-command'"],
    [['start', '--no-such-flag'], "unknown option '--no-such-flag'"],
    [['db', 'no-such-command'], "unknown command 'no-such-command'"],
    [['backtest'], "required option '--strategy <name>'"],
  ])('%j is called wrongly: exit code 2', async (args, told) => {
    const { code, out, err } = await called(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(told)
  })
})

describe('bad values', () => {
  const backtest = ['backtest', '--data', candleFile, '--instrument', 'XRP/USD', '--strategy', 'trend']
  test.each([
    [[...backtest, '--allocation', '-5'], /--allocation: is above zero/],
    [[...backtest, '--taker-fee', 'much'], /--taker-fee: is a number from 0 to 10/],
    [[...backtest, '--param', 'fast'], /--param: looks like name=value/],
    [[...backtest, '--param', 'fast=0'], /parameters\.fast: /],
    [[...backtest, '--param', 'speed=3'], /parameters\.speed: is no parameter of trend/],
    [['backtest', '--data', candleFile, '--strategy', 'luck'], /--strategy: is one of trend, mean-reversion/],
    [['backtest', '--strategy', 'trend'], /--data: names a candle file/],
    [['import', join(folder, 'absent.csv'), '--instrument', 'XRP/USD'], /absent\.csv/],
    [['replay', join(folder, 'absent.jsonl')], /absent\.jsonl: cannot be read \(ENOENT\)/],
    [['start', '--demo', '--port', '80x'], /BOURSE_PORT: is a port, 0 to 65535/],
  ])('%j names the flag and the rule: exit code 1', async (args, told) => {
    const { code, out, err } = await called(args)
    expect([code, out, oneLine(err)]).toEqual([1, '', true])
    expect(err).toMatch(told)
  })
})

describe('strategies', () => {
  test('are listed with parameters, defaults and descriptions', () => {
    const list = JSON.parse(bourse(['strategies', '--json']).out)
    expect(list.map(({ name }: { name: string }) => name)).toEqual(['trend', 'mean-reversion'])
    expect(list[0].parameters.fast).toMatchObject({ default: 24, description: expect.any(String) })
    expect(bourse(['strategies']).out).toContain('mean-reversion')
  })
})

describe('import', () => {
  test('a dry run reports what is wrong with a file and saves nothing', () => {
    const data = join(folder, 'dry')
    const { code, out } = bourse(['import', candleFile, '--instrument', 'kraken:XRP/USD', '--dry-run', '--json'], {
      BOURSE_DATA: data,
    })
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { instrument: 'kraken:XRP/USD', interval: '1m', bars: 720, duplicates: 1, badRowCount: 1, saved: null },
    ])
    expect(existsSync(data)).toBe(false)
  })

  test('without it the candles are there, and a second time changes nothing', () => {
    const run = () =>
      JSON.parse(
        bourse(['import', candleFile, '--instrument', 'kraken:XRP/USD', '--json'], { BOURSE_DATA: join(folder, 'wet') })
          .out,
      ).saved
    expect(run()).toMatchObject({ added: 720, bars: 720 })
    expect(run()).toMatchObject({ added: 0, bars: 720 })
  })
})

describe('backtest', () => {
  onRealData('on years of real hourly candles: every bar, every fault of the file, and the same trades twice', () => {
    const args = ['backtest', '--data', real, '--instrument', 'kraken:XRP/USD', '--strategy', 'trend', '--json']
    const [first, second] = [bourse(args), bourse(args)].map(({ code, out }) => ({ code, ...JSON.parse(out) }))
    expect(first).toMatchObject({ code: 0, bars: 29_704, duplicates: 5, error: null })
    expect(first.trades).toBeGreaterThan(10)
    expect(second.tradesHash).toBe(first.tradesHash)
    expect({ ...second, barsPerSecond: 0 }).toEqual({ ...first, barsPerSecond: 0 })
  })

  test('the report is one file that needs nothing else', () => {
    const html = join(folder, 'report.html')
    const { code, out } = bourse([
      'backtest',
      '--data',
      candleFile,
      '--instrument',
      'XRP/USD',
      '--strategy',
      'mean-reversion',
      '--html',
      html,
    ])
    expect(code).toBe(0)
    expect(out).toContain(`Report: ${html}`)
    expect(readFileSync(html, 'utf8')).not.toMatch(/(src|href)="?https?:/)
  })
})

describe('what is recorded', () => {
  const recording = join(folder, 'recording.jsonl')

  test('replays to the same outputs, can be traded again, and a forged one is told apart', async () => {
    const server = startBourse([
      'start',
      '--demo',
      '--port',
      '0',
      '--data',
      join(folder, 'recorded'),
      '--record',
      recording,
    ])
    await server.saying('strategies are at work')
    await eventually(() => existsSync(recording) && readFileSync(recording, 'utf8').split('\n').length > 100)
    expect(await server.end('SIGINT')).toBe(0)

    const { code, out } = bourse(['replay', recording, '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([0, { sameCode: true, difference: null }])
    const again = [
      'backtest',
      '--recording',
      recording,
      '--instrument',
      'kraken:XRP/USD',
      '--interval',
      '5s',
      '--strategy',
      'trend',
    ]
    expect(bourse([...again, '--json']).code).toBe(0)

    const lines = readFileSync(recording, 'utf8').split('\n')
    const at = lines.findIndex((line, i) => i > 0 && line.includes('"type":"started"'))
    expect(at).toBeGreaterThan(0)
    const forged = join(folder, 'forged.jsonl')
    writeFileSync(forged, lines.with(at, lines[at]!.replace('"type":"started"', '"type":"stopped"')).join('\n'))
    const told = bourse(['replay', forged])
    expect([told.code, told.out]).toEqual([1, ''])
    expect(told.err).toContain(`The replay differs from the recording. line ${at + 1}`)
  })
})

describe('db', () => {
  const data = join(folder, 'db')

  test('migrate creates the embedded database, status and dead letters read it, and nothing stays running', () => {
    expect(bourse(['db', 'status', '--data', data]).err).toMatch(/BOURSE_DATA: there is no database in .* yet/)
    const migrated = bourse(['db', 'migrate', '--data', data, '--json'])
    expect([migrated.code, JSON.parse(migrated.out).applied[0]]).toEqual([0, 'platform/0001-events.sql'])
    expect(bourse(['db', 'migrate', '--data', data]).out).toBe('The database is up to date.\n')
    const status = JSON.parse(bourse(['db', 'status', '--data', data, '--json']).out)
    expect(status).toMatchObject({ pending: [], events: 0, deadLetters: [] })
    expect(bourse(['db', 'dead-letters', '--data', data]).out).toBe('There are no dead letters.\n')
    expect(existsSync(join(data, 'owner.json'))).toBe(false)
  })

  test('DATABASE_URL names another one', () => {
    const { code, out } = bourse(['db', 'status', '--json'], { DATABASE_URL: inject('postgresUrl') })
    expect([code, JSON.parse(out).applied]).toEqual([0, []])
  })
})

describe('a start that cannot be: one line with the fix, no stack, and the process ends', () => {
  const refusals = (args: readonly string[], extra = {}) => {
    const { code, out, err } = bourse(['start', '--demo', '--port', '0', ...args], extra)
    expect([code, out, oneLine(err)]).toEqual([1, '', true])
    expect(err).not.toMatch(/\n {4}at /)
    return err
  }

  test.each(['BOURSE_PORT', 'BOURSE_METRICS_PORT'])('the port of %s is in use', async variable => {
    const taken = createServer()
    const port = await new Promise<number>(done =>
      taken.listen(0, '127.0.0.1', () => done((taken.address() as { port: number }).port)),
    )
    try {
      const args = ['--data', join(folder, variable), ...(variable === 'BOURSE_PORT' ? ['--port', String(port)] : [])]
      const err = refusals(args, { [variable]: String(port) })
      expect(err).toContain(
        `${variable}: 127.0.0.1:${port} is taken by another process. Stop that process or choose another port.`,
      )
    } finally {
      taken.close()
    }
  })

  test('DATABASE_URL leads nowhere', () => {
    const err = refusals(['--data', join(folder, 'nowhere')], {
      DATABASE_URL: 'postgresql://bourse:secret@127.0.0.1:1/bourse',
    })
    expect(err).toContain('DATABASE_URL: the connection is refused: nothing listens there')
    expect(err).not.toContain('secret')
  })

  test('DATABASE_URL is no URL', () => {
    expect(refusals([], { DATABASE_URL: 'the usual one' })).toContain('DATABASE_URL: is a URL such as')
  })

  test('the data folder is a file', () => {
    expect(refusals(['--data', candleFile])).toMatch(/BOURSE_DATA: .*wave\.csv is no folder\. Give it to the user/)
  })
})
