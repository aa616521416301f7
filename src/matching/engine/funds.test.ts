import { describe, expect, test } from 'vitest'
import {
  amend,
  BASE,
  buy,
  cancel,
  deposit,
  ENGINES,
  fees,
  givenOf,
  market,
  phase,
  QUOTE,
  rules,
  type Step,
  sell,
  stop,
  withdraw,
} from './testing.ts'

describe.each(ENGINES)('funds of the $name engine', maker => {
  const given = givenOf(maker)
  const rates = [fees('alice', 1_000, 2_000), fees('bob', 1_000, 2_000)]
  const hold = (rule: string, step: Step, funds: string) => [rule, step, funds] as const

  test.each([
    hold('a sell holds its lots', sell('x', 'alice', 7, 100), '999993+7 1000000+0'),
    hold('a buy its cost and the taker’s fee, rounded up', buy('x', 'alice', 7, 110), '1000000+0 999228+772'),
    hold('a stop as far as its protection', buy('x', 'alice', 7, 0, stop(100)), '1000000+0 999228+772'),
  ])('%s', (_rule, step, funds) => {
    expect(
      given(...rates)
        .when(step)
        .funds('alice'),
    ).toBe(funds)
  })

  test('a market order holds its protection, and what is left comes back', () => {
    const { funds, engine } = given(...rates, sell('s', 'bob', 9, 100)).when(buy('x', 'alice', 7, 0, market))
    expect(funds('alice')).toBe('1000007+0 999298+0')
    expect(funds('bob')).toBe('999991+2 1000699+0')
    expect(engine.fees(QUOTE)).toBe(3)
  })

  test('a better price is released with the fill', () => {
    const { funds, reports } = given(...rates, sell('s', 'bob', 5, 90)).when(buy('x', 'alice', 10, 100))
    expect(reports[1]).toBe('traded s x 5@90 fees 1 1')
    expect(funds('alice')).toBe('1000005+0 999048+501')
  })

  test('many small fills never cost more than what is held for the fee', () => {
    const sellers = Array.from({ length: 5 }, (_, i) => sell(`s${i}`, 'bob', 1, 100))
    const { reports, funds } = given(...rates, ...sellers).when(buy('x', 'alice', 5, 100))
    expect(reports.slice(1)).toEqual([1, 0, 0, 0, 0].map((fee, i) => `traded s${i} x 1@100 fees 1 ${fee}`))
    expect(funds('alice')).toBe('1000005+0 999499+0')
  })

  test('both sides of an auction pay the maker’s rate', () => {
    const { reports } = given(...rates, phase('auction'), buy('a', 'alice', 100, 100), sell('d', 'bob', 100, 100)).when(
      phase('trading'),
    )
    expect(reports[0]).toBe('traded a d 100@100 fees 10 10')
  })

  test('a new schedule is for holds of orders placed from now on, and never takes more than is held', () => {
    const { reports } = given(buy('a', 'alice', 100, 100), fees('alice', 9_000, 9_000)).when(
      sell('x', 'bob', 50, 100),
      amend('a', 'alice', { quantity: 101 }),
      sell('y', 'bob', 51, 100),
    )
    expect(reports.filter(line => line.startsWith('traded'))).toEqual([
      'traded a x 50@100',
      'traded a y 51@100 fees 46 0',
    ])
  })

  test('an amend holds for the rest', () => {
    const before = [...rates, buy('x', 'alice', 10, 100), sell('y', 'bob', 4, 100)]
    expect(
      given(...before)
        .when(amend('x', 'alice', { price: 110, quantity: 8 }))
        .funds('alice'),
    ).toBe('1000004+0 999158+441')
    expect(
      given(...before)
        .when(amend('x', 'alice', { quantity: 8 }))
        .funds('alice'),
    ).toBe('1000004+0 999198+401')
    expect(
      given(...before)
        .when(cancel('x', 'alice'))
        .funds('alice'),
    ).toBe('1000004+0 999599+0')
  })

  test('what is not there cannot be held or withdrawn', () => {
    const { reports, funds } = given().when(
      sell('x', 'alice', 1_000_000, 1),
      sell('y', 'alice', 1, 1),
      withdraw('alice', BASE, 1),
      withdraw('alice', QUOTE, 1_000_000),
      buy('z', 'alice', 1, 1),
    )
    const refused = 'refused insufficient_funds'
    expect(reports).toEqual(['accepted x 1000000@1', refused, refused, 'moved alice 1 -1000000', refused])
    expect(funds('alice')).toBe('0+1000000 0+0')
  })

  test('an asset stays within the safe integers', () => {
    const { reports } = given().when(
      deposit('alice', BASE, 0),
      deposit('alice', 9, 1),
      deposit('alice', BASE, Number.MAX_SAFE_INTEGER),
      deposit('alice', BASE, Number.MAX_SAFE_INTEGER - 3_000_000),
    )
    expect(reports).toEqual([
      'refused invalid',
      'refused unknown_asset',
      'refused amount_above_max',
      `moved alice 0 ${Number.MAX_SAFE_INTEGER - 3_000_000}`,
    ])
  })
})

describe.each(ENGINES)('what the $name engine knows', maker => {
  const given = givenOf(maker)

  test('comes in the order of its numbers', () => {
    const { reports } = given().when(
      { kind: 'add_asset', asset: 1, code: 'ETH' },
      { kind: 'add_asset', asset: 2, code: 'ETH' },
      { kind: 'add_account', account: 2 },
      { ...rules({}), base: 2, quote: 9 },
      { ...rules({}), base: 2, quote: 2 },
      { ...rules({}), base: 2 },
      { ...rules({}), base: 2, instrument: 2 },
      { ...rules({}), base: 2, instrument: 1 },
    )
    const invalid = 'refused invalid'
    expect(reports).toEqual([invalid, invalid, 'refused unknown_asset', invalid, invalid, invalid, 'phased closed'])
  })

  test('a lot keeps its size while orders are there', () => {
    const { reports } = given(buy('x', 'alice', 1, 9)).when(
      rules({ lotUnits: 10 }),
      cancel('x', 'alice'),
      rules({ lotUnits: 10 }),
      sell('y', 'alice', 100_001, 1),
      sell('z', 'alice', 100_000, 1),
    )
    expect(reports).toEqual([
      'refused invalid',
      'canceled x 1 requested',
      'refused insufficient_funds',
      'accepted z 100000@1',
    ])
  })
})
