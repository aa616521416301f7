import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import {
  AppError,
  defineInstrument,
  type Instrument,
  type Micros,
  priceText,
  quantityText,
} from '../../kernel/index.ts'
import { type CandleColumns, ColumnsBuilder } from '../candles/columns.ts'
import { intervalName } from '../intervals.ts'
import { withDuckDb } from './duckdb.ts'

/** What the history holds of one instrument at one interval. */
export interface Coverage {
  /** As it was when saved; its tick is the file's. */
  readonly instrument: Instrument
  readonly interval: Micros
  readonly bars: number
  /** Open of the first bar, and end of the last. */
  readonly from: Micros
  readonly to: Micros
}

export interface SavedCandles {
  /** In the file afterwards. */
  readonly bars: number
  readonly added: number
  /** Bars of a time that was there with other values: the saved ones take their place. */
  readonly replaced: number
}

/** Candles on disk, one Parquet file for each instrument and interval. One writer at a time for each file. */
export interface HistoryStore {
  /**
   * Merges with what is there. Saving the same again changes nothing; where both have a bar, the new one wins.
   * @throws AppError `request.invalid` when the file's tick is finer than the instrument's
   */
  save(instrument: Instrument, interval: Micros, candles: CandleColumns): Promise<SavedCandles>
  /**
   * Bars that open in [from, to), in ticks of the instrument; empty when there are none.
   * @throws AppError `request.invalid` when the file's tick is finer than the instrument's
   */
  candles(instrument: Instrument, interval: Micros, from?: Micros, to?: Micros): Promise<CandleColumns>
  coverage(): Promise<Coverage[]>
}

/** Files that `coverage` looks at. */
const HISTORY_FILES_MAX = 10_000
/** Rows that DuckDB takes or gives at a time. */
const CHUNK_ROWS = 2_048

const SCHEMA = 'open_at BIGINT, open BIGINT, high BIGINT, low BIGINT, close BIGINT, volume DOUBLE'
const AS_FLOAT = 'open_at::DOUBLE, open::DOUBLE, high::DOUBLE, low::DOUBLE, close::DOUBLE, volume'

/** What a file says about itself, in Parquet's own key-value metadata under `bourse`. */
interface FileFacts {
  readonly version: 1
  readonly venue: string
  readonly pair: string
  readonly tick: string
  readonly lot: string
  readonly notionalMin: string
  readonly interval: Micros
}

const factsOf = (instrument: Instrument, interval: Micros): FileFacts => ({
  version: 1,
  venue: instrument.venue,
  pair: instrument.pair,
  tick: priceText(instrument, 1),
  lot: quantityText(instrument, 1),
  notionalMin: instrument.notionalMin,
  interval,
})

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

/** @param root the folder of the history, e.g. `data/history` */
export function createHistoryStore(root: string): HistoryStore {
  let saves = 0

  const pathOf = (instrument: Instrument, interval: Micros): string => {
    if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(instrument.venue))
      throw new AppError('request.invalid', { field: 'venue', rule: 'is of a-z, 0-9, _ and -' })
    return join(root, instrument.venue, instrument.pair.replace('/', '-'), `${intervalName(interval)}.parquet`)
  }

  async function save(instrument: Instrument, interval: Micros, candles: CandleColumns): Promise<SavedCandles> {
    const path = pathOf(instrument, interval)
    await mkdir(dirname(path), { recursive: true })
    return withDuckDb(async db => {
      await db.run(`CREATE TABLE fresh (${SCHEMA}); CREATE TABLE kept (${SCHEMA})`)
      await append(db, 'fresh', candles)
      if (await exists(path)) await takeOver(db, path, instrument)
      const counts = await numbers(
        db,
        `SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM kept), count(*),
           count(*) FILTER (WHERE (f.open, f.high, f.low, f.close, f.volume) <> (k.open, k.high, k.low, k.close, k.volume))
         FROM fresh f JOIN kept k USING (open_at)`,
      )
      const [fresh, kept, both, replaced] = counts as [number, number, number, number]
      if (fresh > both || replaced > 0) await write(db, path, factsOf(instrument, interval))
      return { bars: kept + fresh - both, added: fresh - both, replaced }
    })
  }

  /** Loads the file that is there, in ticks of the new instrument. */
  async function takeOver(db: DuckDBConnection, path: string, instrument: Instrument): Promise<void> {
    const factor = rescaleFactor(await readFacts(db, path), instrument)
    const prices = ['open', 'high', 'low', 'close'].map(name => `${name} * ${factor}`)
    await db.run(`INSERT INTO kept SELECT open_at, ${prices.join(', ')}, volume FROM read_parquet(${literal(path)})`)
  }

  /** Into a file beside it first, flushed, then renamed: a reader sees the old file or the new one, never half of one. */
  async function write(db: DuckDBConnection, path: string, facts: FileFacts): Promise<void> {
    saves += 1
    const beside = `${path}.${process.pid}.${saves}.part`
    try {
      await db.run(
        `COPY (SELECT * FROM fresh UNION ALL SELECT * FROM kept ANTI JOIN fresh USING (open_at) ORDER BY open_at)
         TO ${literal(beside)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {bourse: ${literal(JSON.stringify(facts))}})`,
      )
      const file = await open(beside, 'r+')
      await file.sync().finally(() => file.close())
      await rename(beside, path)
    } finally {
      await rm(beside, { force: true })
    }
  }

  async function candles(
    instrument: Instrument,
    interval: Micros,
    from: Micros = Number.MIN_SAFE_INTEGER,
    to: Micros = Number.MAX_SAFE_INTEGER,
  ): Promise<CandleColumns> {
    const path = pathOf(instrument, interval)
    if (!(await exists(path))) return new ColumnsBuilder(1).columns()
    return withDuckDb(async db => {
      const factor = rescaleFactor(await readFacts(db, path), instrument)
      const within = `open_at >= ${from} AND open_at < ${to}`
      const source = `FROM read_parquet(${literal(path)}) WHERE ${within}`
      const [count = 0] = await numbers(db, `SELECT count(*) ${source}`)
      const builder = new ColumnsBuilder(count)
      const result = await db.stream(`SELECT ${AS_FLOAT} ${source} ORDER BY open_at`)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return builder.columns()
        const [at, o, h, l, c, v] = chunk.getColumns() as number[][] as [
          number[],
          number[],
          number[],
          number[],
          number[],
          number[],
        ]
        for (let i = 0; i < at.length; i++)
          builder.add(at[i]!, o[i]! * factor, h[i]! * factor, l[i]! * factor, c[i]! * factor, v[i]!)
      }
    })
  }

  async function coverage(): Promise<Coverage[]> {
    const paths = (await files(root)).slice(0, HISTORY_FILES_MAX)
    if (paths.length === 0) return []
    return withDuckDb(async db => {
      const found: Coverage[] = []
      for (const path of paths) found.push(await coverageOf(db, path))
      return found
    })
  }

  return { save, candles, coverage }
}

async function coverageOf(db: DuckDBConnection, path: string): Promise<Coverage> {
  const { venue, pair, tick, lot, notionalMin, interval } = await readFacts(db, path)
  const sql = `SELECT count(*), min(open_at)::DOUBLE, max(open_at)::DOUBLE FROM read_parquet(${literal(path)})`
  const [bars = 0, from = 0, last = 0] = await numbers(db, sql)
  const instrument = defineInstrument({ venue, pair, tick, lot, notionalMin })
  return { instrument, interval, bars, from, to: last + interval }
}

async function append(db: DuckDBConnection, table: string, candles: CandleColumns): Promise<void> {
  const { BIGINT, DOUBLE, DuckDBDataChunk } = await import('@duckdb/node-api')
  const appender = await db.createAppender(table)
  const types = [BIGINT, BIGINT, BIGINT, BIGINT, BIGINT, DOUBLE]
  const whole = (column: Float64Array, from: number, to: number) => Array.from(column.subarray(from, to), BigInt)
  for (let from = 0; from < candles.length; from += CHUNK_ROWS) {
    const to = Math.min(candles.length, from + CHUNK_ROWS)
    const chunk = DuckDBDataChunk.create(types, to - from)
    const { openAt, open, high, low, close, volume } = candles
    const prices = [openAt, open, high, low, close].map(column => whole(column, from, to))
    chunk.setColumns([...prices, Array.from(volume.subarray(from, to))])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

async function readFacts(db: DuckDBConnection, path: string): Promise<FileFacts> {
  const sql = `SELECT decode(value) FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = 'bourse'`
  const rows = (await db.runAndReadAll(sql)).getRows()
  const facts = rows[0] === undefined ? null : (JSON.parse(String(rows[0][0])) as FileFacts)
  if (facts?.version !== 1)
    throw new AppError('import.unrecognised', { field: 'history', rule: `${path} was not written by this store` })
  return facts
}

/** How many of the instrument's ticks are in one of the file's. */
function rescaleFactor(facts: FileFacts, instrument: Instrument): number {
  const { tick } = facts
  const theirs = defineInstrument({ venue: facts.venue, pair: facts.pair, tick, lot: facts.lot })
  const scale = Math.max(theirs.priceScale, instrument.priceScale)
  const unitsOf = (one: Instrument) => one.tickSize * 10 ** (scale - one.priceScale)
  const factor = unitsOf(theirs) / unitsOf(instrument)
  if (!Number.isSafeInteger(factor))
    throw new AppError('request.invalid', { field: 'tick', rule: `divides the history's ${tick} without a rest` })
  return factor
}

async function numbers(db: DuckDBConnection, sql: string): Promise<number[]> {
  const [row] = (await db.runAndReadAll(sql)).getRows()
  return (row ?? []).map(Number)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function files(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => [])
  return names
    .filter(name => name.endsWith('.parquet'))
    .sort()
    .map(name => join(root, name))
}
