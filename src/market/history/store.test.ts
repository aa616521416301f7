import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Candle, defineInstrument } from '../../kernel/index.ts'
import {
  type CandleColumns,
  candleAt,
  columnsOf,
  createHistoryStore,
  INTERVALS,
  rangeOf,
  resolvePair,
} from '../index.ts'

const root = mkdtempSync(join(tmpdir(), 'bourse-history-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
const newStore = () => createHistoryStore(join(root, String(count++)))

const xrp = resolvePair('XRP/USD')
const hour = INTERVALS['1h']
const candle = (i: number, close = 5_000): Candle => ({
  openAt: i * hour,
  open: 5_000,
  high: 5_100,
  low: 4_900,
  close,
  volume: i / 7,
})
const hours = (from: number, to: number) => columnsOf(Array.from({ length: to - from }, (_, i) => candle(from + i)))
const list = (columns: CandleColumns) => Array.from({ length: columns.length }, (_, i) => candleAt(columns, i))

describe('given saved candles', () => {
  test('they come back as they were, whole and by range', async () => {
    const store = newStore()
    expect(await store.save(xrp, hour, hours(0, 5_000))).toEqual({ bars: 5_000, added: 5_000, replaced: 0 })
    expect(list(await store.candles(xrp, hour))).toEqual(list(hours(0, 5_000)))
    expect(list(await store.candles(xrp, hour, 10 * hour, 12 * hour))).toEqual(list(hours(10, 12)))
    expect((await store.candles(xrp, INTERVALS['1d'])).length).toBe(0)
  })

  test('saving again changes nothing, more is merged, and new values win', async () => {
    const store = newStore()
    await store.save(xrp, hour, hours(0, 10))
    expect(await store.save(xrp, hour, hours(0, 10))).toEqual({ bars: 10, added: 0, replaced: 0 })
    expect(await store.save(xrp, hour, hours(8, 15))).toEqual({ bars: 15, added: 5, replaced: 0 })
    expect(await store.save(xrp, hour, columnsOf([candle(3, 5_050)]))).toEqual({ bars: 15, added: 0, replaced: 1 })
    const all = list(await store.candles(xrp, hour))
    expect(all.map(one => one.openAt / hour)).toEqual(Array.from({ length: 15 }, (_, i) => i))
    expect(all[3]!.close).toBe(5_050)
  })

  test('coverage says what there is', async () => {
    const store = newStore()
    expect(await store.coverage()).toEqual([])
    await store.save(xrp, hour, hours(2, 10))
    await store.save(resolvePair('DOGE/USD'), INTERVALS['1m'], hours(0, 1))
    const coverage = await store.coverage()
    expect(coverage.map(({ instrument, bars, from, to }) => [instrument.id, bars, from / hour, to / hour])).toEqual([
      ['paper:DOGE/USD', 1, 0, 1 / 60],
      ['paper:XRP/USD', 8, 2, 10],
    ])
    expect(coverage[1]!.instrument).toEqual(xrp)
  })

  test('a finer tick takes the file over exactly, a coarser one is refused', async () => {
    const store = newStore()
    const finer = defineInstrument({ venue: 'paper', pair: 'XRP/USD', tick: '0.00001', lot: '0.1' })
    await store.save(xrp, hour, hours(0, 2))
    expect((await store.candles(finer, hour)).close[0]).toBe(50_000)
    await store.save(finer, hour, columnsOf([{ ...candle(2), high: 51_003, low: 49_000, open: 50_001, close: 50_002 }]))
    expect(Array.from((await store.candles(finer, hour)).close)).toEqual([50_000, 50_000, 50_002])
    await expect(store.candles(xrp, hour)).rejects.toMatchObject({ code: 'request.invalid' })
    await expect(store.save(xrp, hour, hours(5, 6))).rejects.toMatchObject({ code: 'request.invalid' })
  })

  test('nothing half-written is left beside the file, and a venue cannot name a folder elsewhere', async () => {
    const folder = join(root, 'clean')
    const store = createHistoryStore(folder)
    await store.save(xrp, hour, hours(0, 3))
    expect(readdirSync(join(folder, 'paper', 'XRP-USD'))).toEqual(['1h.parquet'])
    const evil = { ...xrp, venue: '../../etc' }
    await expect(store.save(evil, hour, hours(0, 1))).rejects.toMatchObject({ code: 'request.invalid' })
  })
})

test('a range of columns shares their memory', () => {
  const all = hours(0, 10)
  const part = rangeOf(all, 3 * hour, 5 * hour)
  expect([part.length, part.openAt.buffer === all.openAt.buffer]).toEqual([2, true])
})
