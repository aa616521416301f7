import { describe, expect, test } from 'vitest'
import { type InstrumentId, MICROS_PER_HOUR } from '../../kernel/index.ts'
import { type BookedFee, feeFindings, type SeenFees, seeFees } from './fees.ts'

const NOON = 1_763_726_400_000_000
const XRP = 'kraken:XRP/USD' as InstrumentId

const seen = (from: number, until: number, makerPpm: number, takerPpm: number): SeenFees => ({
  instrument: XRP,
  makerPpm,
  takerPpm,
  from: NOON + from * MICROS_PER_HOUR,
  until: NOON + until * MICROS_PER_HOUR,
})
const period = seen(0, 1, 1_600, 2_600)

/** 30 XRP at 2.3456: 70.368 USD, of which 0.26 % are 0.1829568. */
const booked = (change: Partial<BookedFee>): BookedFee => ({
  instrument: XRP,
  fill: 'T1',
  price: '2.3456',
  quantity: '30.00000000',
  fee: '0.1829568',
  feeAsset: 'USD',
  liquidity: 'taker',
  at: NOON + 1,
  ...change,
})

const differs = (periods: readonly SeenFees[], ...fills: readonly Partial<BookedFee>[]) =>
  feeFindings(periods, fills.map(booked)).map(({ subject }) => subject.slice(XRP.length + 1))

describe('schedules', () => {
  test('the same rates go on, others begin anew, each with when it was seen', () => {
    const at = NOON + 2 * MICROS_PER_HOUR
    const schedule = (makerPpm: number) => ({ at, fees: [{ instrument: XRP, makerPpm, takerPpm: 2_600 }] })
    expect(seeFees([], schedule(1_600))).toEqual({ changed: [seen(2, 2, 1_600, 2_600)], confirmed: [] })
    expect(seeFees([period], schedule(1_600))).toEqual({ changed: [], confirmed: [seen(0, 2, 1_600, 2_600)] })
    expect(seeFees([period], schedule(1_400))).toEqual({ changed: [seen(2, 2, 1_400, 2_600)], confirmed: [] })
    // Back to what it was before: a third period.
    expect(seeFees([period, seen(1, 1, 1_400, 2_600)], schedule(1_600)).changed).toHaveLength(1)
  })
})

describe('a booked fee', () => {
  test('is right by its role, give or take a unit of the last decimal that the venue tells', () => {
    expect(differs([period], {}, { fee: '0.1125888', liquidity: 'maker' })).toEqual([])
    expect(differs([period], { fee: '0.18296' }, { fee: '0.18295' })).toEqual([])
    expect(differs([period], { fee: '0.18' }, { fee: '0.19' })).toEqual([])
    expect(differs([period], { fee: '0.18298' })).toEqual(['T1'])
    // The zeros of 0.18000 are lost, but others tell how exact the venue is.
    expect(differs([period], { fee: '0.18', fill: 'round' }, { fee: '0.18296' })).toEqual(['round'])
    expect(differs([period], { fee: '0.1125888', liquidity: 'taker' })).toEqual(['T1'])
  })

  test('may be in what was bought; in a third asset it has no price, and before anything was seen no rate', () => {
    expect(differs([period], { fee: '0.078', feeAsset: 'XRP' })).toEqual([])
    expect(differs([period], { fee: '0.0785', feeAsset: 'XRP' })).toEqual(['T1'])
    expect(differs([period], { fee: '5', feeAsset: 'KFEE' })).toEqual([])
    expect(differs([], { fee: '5' })).toEqual([])
    expect(differs([period], { fee: '5', at: NOON - MICROS_PER_HOUR })).toEqual([])
  })

  test('goes by the schedule of its time; between two, either is right', () => {
    const periods = [period, seen(3, 4, 1_600, 2_000)]
    const [old, fresh] = ['0.1829568', '0.140736']
    const at = (hours: number) => NOON + hours * MICROS_PER_HOUR
    expect(differs(periods, { fee: old, at: at(0.5) }, { fee: fresh, at: at(0.5), fill: 'early' })).toEqual(['early'])
    expect(differs(periods, { fee: old, at: at(2) }, { fee: fresh, at: at(2) })).toEqual([])
    expect(differs(periods, { fee: old, at: at(3.5), fill: 'late' }, { fee: fresh, at: at(3.5) })).toEqual(['late'])
    expect(differs(periods, { fee: fresh, at: at(9) })).toEqual([])
  })

  test('of a rebate is below zero', () => {
    const rebate = seen(0, 1, -100, 2_600)
    expect(differs([rebate], { fee: '-0.0070368', liquidity: 'maker' })).toEqual([])
    expect(differs([rebate], { fee: '0.0070368', liquidity: 'maker' })).toEqual(['T1'])
  })

  test('that differs is told with both figures, for a person to look at', () => {
    expect(feeFindings([period], [booked({ fee: '0.2000000' })])).toEqual([
      {
        kind: 'fill',
        classification: 'fee_differs',
        action: 'escalated',
        subject: 'kraken:XRP/USD/T1',
        ours: '0.2 USD',
        theirs: '0.1829568 USD (0.26 % as taker)',
        explanation: expect.stringContaining('schedule'),
        reports: [],
      },
    ])
  })
})
