import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { candleAt, importCandles, inferTick, resolvePair } from '../../index.ts'
import { withDuckDb } from '../duckdb.ts'

const text = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`)
const hour = 3_600_000_000
const HEADER = 'timestamp,open,high,low,close,volume'
const pair = 'XRP/USD'

describe('given a layout, when it is imported', () => {
  const candle = { open: 5_000, high: 5_200, low: 4_900, close: 5_100, volume: 12.5 }
  const at = Date.UTC(2024, 4, 1, 12) * 1_000
  const table: [name: string, layout: string, lines: string[]][] = [
    [
      'Kraken OHLCVT dump',
      'kraken-ohlcvt',
      [
        '1714561200,0.4900,0.5000,0.4900,0.5,1,3',
        '1714564800,0.5,0.52,0.49,0.51,12.5,9',
        '1714568400,0.51,0.51,0.51,0.51,0,0',
        '1714572000,0.5123,0.52,0.51,0.51,0,0',
      ],
    ],
    [
      'Binance klines in milliseconds',
      'binance-klines',
      [
        '1714564800000,0.50000000,0.52000000,0.49000000,0.51000000,12.50000000,1714568399999,6.4,9,5,2.5,0',
        '1714568400000,0.51,0.5123,0.51,0.51,0,1714571999999,0,0,0,0,0',
      ],
    ],
    [
      'Binance klines in microseconds',
      'binance-klines',
      [
        '1714564800000000,0.50000000,0.52000000,0.49000000,0.51000000,12.5,1714568399999999,6.4,9,5,2.5,0',
        '1714568400000000,0.51,0.5123,0.51,0.51,0,1714571999999999,0,0,0,0,0',
      ],
    ],
    [
      'Binance klines with a header',
      'binance-klines',
      [
        'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
        '1714564800000,0.50,0.52,0.49,0.51,12.5,1714568399999,6.4,9,5,2.5,0',
        '1714568400000,0.51,0.5123,0.51,0.51,0,1714571999999,0,0,0,0,0',
      ],
    ],
    [
      'CryptoDataDownload with a comment and 12-hour dates',
      'cryptodatadownload',
      [
        'Timestamps are UTC timezone,https://www.CryptoDataDownload.com',
        'Date,Symbol,Open,High,Low,Close,Volume USD,Volume XRP',
        '2024-05-01 01-PM,XRPUSD,0.51,0.5123,0.51,0.51,9,0',
        '2024-05-01 12-PM,XRPUSD,0.5,0.52,0.49,0.51,6,12.5',
        '2024-05-01 11-AM,XRPUSD,0.5,0.52,0.49,0.51,6,12.5',
      ],
    ],
    [
      'ISO dates with an offset',
      'candles-with-header',
      [HEADER, '2024-05-01 14:00:00+02:00,0.5,0.52,0.49,0.51,12.5', '2024-05-01T13:00:00.000Z,0.51,0.5123,0.51,0.51,0'],
    ],
    [
      'dates and a ticker, semicolons, a byte order mark, quotes',
      'candles-with-header',
      [
        '\ufeffdate;open;high;low;close;volume;ticker',
        '"2024-05-01 12:00:00";0.5;0.52;0.49;0.51;12.5;XRPUSD',
        '2024-05-01 13:00:00;0.51;0.5123;0.51;0.51;0;XRPUSD',
      ],
    ],
  ]
  test.each(table)('%s', async (_, layout, lines) => {
    const plain = await importCandles(text(...lines), { pair })
    const zipped = await importCandles(gzipSync(text(...lines)), { pair })
    expect(zipped).toEqual(plain)
    expect(plain.report).toMatchObject({ layout, badRowCount: 0, duplicates: 0, gaps: 0 })
    expect(plain.interval).toBe(hour)
    expect(plain.instrument).toMatchObject({ id: 'file:XRP/USD', priceScale: 4 })
    const index = plain.candles.openAt.indexOf(at)
    expect(candleAt(plain.candles, index)).toEqual({ openAt: at, ...candle })
  })

  test('a Kraken time-and-sales dump becomes candles, oldest or newest first', async () => {
    const lines = [
      '1714564800.0001,0.50,1',
      '1714564859.9999,0.52,2',
      '1714564860.0000,0.49,4',
      '1714565000.5,0.5001,8',
    ]
    for (const list of [lines, lines.toReversed()]) {
      const { candles, report, interval } = await importCandles(text(...list), { pair })
      expect(interval).toBe(60_000_000)
      expect(Array.from(candles.openAt, value => value / 1e6 - 1_714_564_800)).toEqual([0, 60, 180])
      expect([candles.open[0], candles.high[0], candles.low[0], candles.close[0]]).toEqual([5_000, 5_200, 5_000, 5_200])
      expect(Array.from(candles.volume)).toEqual([3, 4, 8])
      expect(report).toMatchObject({ layout: 'kraken-trades', rows: 4, bars: 3, gaps: 1, missingBars: 1 })
    }
  })
})

describe('given rows that are wrong, when they are imported', () => {
  const good = [
    '2024-01-01 00:00:00,1.5,1.6,1.4,1.5,1',
    '2024-01-01 01:00:00,1.5,1.6,1.4,1.5,1',
    '2024-01-01 02:00:00,1.5,1.6,1.4,1.5,1',
  ]
  const table: [row: string, reason: string][] = [
    ['2024-01-01 03:00:00,abc,1.6,1.4,1.5,1', 'a price is not a number'],
    ['2024-01-01 03:00:00,NaN,1.6,1.4,1.5,1', 'a price is not a number'],
    ['2024-01-01 03:00:00,,1.6,1.4,1.5,1', 'a price is not a number'],
    ['2024-01-01 03:00:00,0x2,1.6,1.4,1.5,1', 'a price is not a number'],
    ['2024-01-01 03:00:00,Infinity,1.6,1.4,1.5,1', 'a price is not a number'],
    ['2024-01-01 03:00:00,1.5,1.4,1.6,1.5,1', 'the high is below the low'],
    ['2024-01-01 03:00:00,1.7,1.6,1.4,1.5,1', 'the open is outside high and low'],
    ['2024-01-01 03:00:00,1.5,1.6,1.4,1.3,1', 'the close is outside high and low'],
    ['2024-01-01 03:00:00,1.5,1.6,1.4,1.5,-1', 'the volume is negative'],
    ['2024-01-01 03:00:00,1.5,1.6,1.4,1.5,', 'the volume is not a number'],
    ['2024-01-01 03:00:00,0,1.6,0,1.5,1', 'a price is not above zero'],
    ['2024-01-01 03:00:00,-1,1.6,-1,1.5,1', 'a price is not above zero'],
    ['2024-01-01 03:20:00,1.5,1.6,1.4,1.5,1', 'the time is off the interval'],
    ['2024-13-01 03:00:00,1.5,1.6,1.4,1.5,1', 'the time cannot be read'],
    ['2024-02-30 03:00:00,1.5,1.6,1.4,1.5,1', 'the time cannot be read'],
    ['01/02/2024 03:00,1.5,1.6,1.4,1.5,1', 'the time cannot be read'],
    ['2024-01-01 03:00:00,1.5,1.6', 'has 3 of 6 columns'],
    ['2024-01-01 03:00:00,1.50000000000000001,1.6,1.4,1.5,1', 'a price has more digits than can be kept exactly'],
  ]
  test.each(table)('%s is left out, with its line and the reason', async (row, reason) => {
    const { report, candles } = await importCandles(text(HEADER, ...good, row), { pair })
    expect(report).toMatchObject({ rows: 4, bars: 3, badRowCount: 1, badRows: [{ line: 5, reason }] })
    expect(candles.length).toBe(3)
  })

  test('the first of two rows of one time is kept, and a conflict is counted', async () => {
    const again = '2024-01-01 01:00:00,1.5,1.6,1.4,1.5,1'
    const other = '2024-01-01 01:00:00,1.5,1.6,1.4,1.55,1'
    const { report, candles } = await importCandles(text(HEADER, ...good, again, other), { pair })
    expect(report).toMatchObject({ order: 'unsorted', bars: 3, duplicates: 2, conflictingDuplicates: 1 })
    expect(Array.from(candles.close)).toEqual([150, 150, 150])
    const newestFirst = await importCandles(text(HEADER, good[2]!, other, good[1]!, good[0]!), { pair })
    expect(newestFirst.report).toMatchObject({ order: 'newest-first', duplicates: 1, conflictingDuplicates: 1 })
    expect(newestFirst.candles.close[1]).toBe(155)
  })

  test('the Unix time wins over a text date, and disagreements are counted', async () => {
    const lines = [
      'Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume XRP,Volume USD',
      '1714568400.0,2024-05-01 09-AM,XRPUSD,1,1,1,1,5,5',
      '1714564800.0,2024-05-01 12-PM,XRPUSD,1,1,1,1,5,5',
    ]
    const { report, candles } = await importCandles(text(...lines))
    expect(report).toMatchObject({ timeDisagreements: 1, bars: 2, gaps: 0, order: 'newest-first' })
    expect(candles.openAt[0]).toBe(1_714_564_800_000_000)
  })

  test('with an instrument, a price off its tick is a bad row', async () => {
    const instrument = resolvePair('XRP/USD')
    const row = '2024-01-01 03:00:00,1.50001,1.6,1.4,1.5,1'
    const { report, candles } = await importCandles(text(HEADER, ...good, row), { instrument })
    expect(report.badRows).toEqual([{ line: 5, reason: "a price is off the instrument's tick" }])
    expect(candles.open[0]).toBe(15_000)
  })

  test('the list of bad rows is bounded, their count is not', async () => {
    const bad = Array.from({ length: 250 }, () => '2024-01-01 03:00:00,x,1,1,1,1')
    const { report } = await importCandles(text(HEADER, ...good, ...bad), { pair })
    expect([report.badRows.length, report.badRowCount]).toEqual([100, 250])
  })

  const refused: [name: string, bytes: Buffer, options: object, code: string][] = [
    ['an empty file', Buffer.from(''), {}, 'import.empty'],
    ['a file of nothing known', text('hello', 'world'), {}, 'import.unrecognised'],
    ['only bad rows', text(HEADER, '2024-01-01,x,x,x,x,x'), { pair }, 'import.empty'],
    ['a zip archive', Buffer.from('PK\u0003\u0004...'), {}, 'import.unrecognised'],
    ['gzip that breaks off', gzipSync(text(HEADER, ...good)).subarray(0, 40), { pair }, 'import.unrecognised'],
    ['no pair to be told', text(HEADER, ...good), {}, 'request.invalid'],
    ['another interval than wanted', text(HEADER, ...good), { pair, interval: 60_000_000 }, 'request.invalid'],
    ['one bar and no interval', text(HEADER, good[0]!), { pair }, 'request.invalid'],
  ]
  test.each(refused)('%s is refused', async (_, bytes, options, code) => {
    await expect(importCandles(bytes, options)).rejects.toMatchObject({ code })
  })
})

test('the tick is the coarsest that holds all prices', () => {
  expect(inferTick(['0.2500', '1', '0.125'])).toBe('0.001')
  expect(inferTick(['7', '100'])).toBe('1')
  expect(inferTick(['1e-5'])).toBe('0.00001')
})

test('bytes that come in any pieces give the same, and progress ends at the total', async () => {
  const bytes = gzipSync(
    text(HEADER, ...Array.from({ length: 500 }, (_, i) => `${1_700_006_400 + i * 60},1.5,1.6,1.4,1.5${i % 10},${i}`)),
  )
  async function* pieces() {
    for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7)
  }
  const whole = await importCandles(bytes, { pair })
  const seen: number[] = []
  expect(await importCandles(pieces(), { pair, onProgress: done => seen.push(done) })).toEqual(whole)
  expect(seen.at(-1)).toBe(bytes.length)
})

const scratch = mkdtempSync(join(tmpdir(), 'bourse-import-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('Parquet gives what the text gives', async () => {
  const path = join(scratch, 'kraken_XRPUSD_1h.parquet')
  const rows =
    '(SELECT TIMESTAMP \'2024-05-01\' + INTERVAL (i) HOUR AS "timestamp", round(0.5 + i / 1000.0, 3) AS open, 0.8 AS high, 0.4 AS low, 0.5::DOUBLE AS close, 12.25 AS volume FROM range(200) t(i) WHERE i <> 7)'
  await withDuckDb(db => db.run(`COPY ${rows} TO '${path}' (FORMAT parquet); COPY ${rows} TO '${path}.csv' (HEADER)`))
  const [parquet, csv] = [await importCandles(path), await importCandles(`${path}.csv`)]
  expect(parquet.report).toMatchObject({
    layout: 'parquet',
    rows: 199,
    bars: 199,
    gaps: 1,
    missingBars: 1,
    badRowCount: 0,
  })
  expect(parquet.instrument.id).toBe('kraken:XRP/USD')
  expect(parquet.candles).toEqual(csv.candles)
})

const folder = join(process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../../shared'), 'data/candles')
const isThere = existsSync(folder)

describe('given real files, when they are imported, then the counts are those of an independent query', () => {
  const text12 = "strptime(Date, '%Y-%m-%d %I-%p')"
  const table: [file: string, minutes: number, time: string, skip: number, known: object][] = [
    [
      'kraken_XRPUSD_1h',
      60,
      'make_timestamp(("Unix Timestamp"::BIGINT) * 1000000)',
      0,
      { rows: 29_709, bars: 29_704, duplicates: 5, gaps: 2, timeDisagreements: 1_208, order: 'newest-first' },
    ],
    ['kraken_BTCUSD_1h', 60, text12, 1, { order: 'unsorted', layout: 'cryptodatadownload' }],
    ['kraken_ETHUSD_1h', 60, text12, 1, { order: 'unsorted', layout: 'cryptodatadownload' }],
    ['kraken_XRPUSD_1d', 1_440, 'time::TIMESTAMP', 0, { order: 'oldest-first' }],
    ['binance_XRPUSDT_1h', 60, 'date::TIMESTAMP', 0, { gaps: 5, missingBars: 12 }],
    ['binance_DOGEUSDT_1h', 60, 'date::TIMESTAMP', 0, { gaps: 5, missingBars: 12 }],
    [
      'binance_XRPUSDT_1h_2024-2025',
      60,
      'left("timestamp"::VARCHAR, 19)::TIMESTAMP',
      0,
      { gaps: 218, missingBars: 950 },
    ],
    ['cobra_DOGEUSDT_1m_2025', 1, 'left("timestamp"::VARCHAR, 19)::TIMESTAMP', 0, { gaps: 0 }],
    ['cobra_XRPUSDT_5m_2025', 5, 'left("timestamp"::VARCHAR, 19)::TIMESTAMP', 0, { gaps: 0 }],
  ]
  test.skipIf(!isThere).each(table)(
    '%s (skipped where the shared data is absent)',
    async (file, minutes, time, skip, known) => {
      const path = join(folder, `${file}.csv.gz`)
      const { report, interval, candles, instrument } = await importCandles(path)
      const [rows, bars, gaps, missing, from, checksum] = await withDuckDb(async db => {
        const source = `read_csv('${path}', skip = ${skip}, header = true, all_varchar = true)`
        const result = await db.runAndReadAll(`
        WITH t AS (SELECT epoch_us(${time}) AS us, close::DOUBLE AS close FROM ${source}),
             d AS (SELECT us, any_value(close) AS close FROM t GROUP BY us),
             g AS (SELECT us, close, (us - lag(us) OVER (ORDER BY us)) / ${minutes * 60_000_000} AS step FROM d)
        SELECT (SELECT count(*) FROM t), count(*), count(*) FILTER (step > 1), coalesce(sum(step - 1) FILTER (step > 1), 0),
               min(us), sum(close) FROM g`)
        return result.getRows()[0]!.map(Number)
      })
      expect(report).toMatchObject(known)
      expect(report).toMatchObject({
        rows,
        bars,
        gaps,
        missingBars: missing,
        from,
        badRowCount: 0,
        duplicates: rows! - bars!,
      })
      expect(interval).toBe(minutes * 60_000_000)
      const sum = candles.close.reduce((total, close) => total + close, 0) / 10 ** instrument.priceScale
      expect(sum).toBeCloseTo(checksum!, 4)
    },
  )

  test.skipIf(!isThere)(
    'text dates that disagree with the Unix time (skipped where the shared data is absent)',
    async () => {
      const path = join(folder, 'kraken_XRPUSD_1h.csv.gz')
      const [count] = await withDuckDb(async db => {
        const sql = `SELECT count(*) FROM read_csv('${path}', all_varchar = true, header = true)
        WHERE epoch(${text12}) <> ("Unix Timestamp")::DOUBLE`
        return (await db.runAndReadAll(sql)).getRows()[0]!.map(Number)
      })
      expect((await importCandles(path)).report.timeDisagreements).toBe(count)
    },
  )
})
