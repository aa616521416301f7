import { describe, expect, test } from 'vitest'
import {
  amend,
  buy,
  cancel,
  ENGINES,
  givenOf,
  market,
  phase,
  reference,
  rules,
  type Step,
  sell,
  stop,
  tick,
} from './testing.ts'

type Row = [rule: string, given: Step[], when: Step[], then: string[]]

const ioc = { timeInForce: 'ioc' } as const
const fok = { timeInForce: 'fok' } as const
const stopLimit = (trigger: number, more = {}) =>
  ({ ...stop(trigger), type: 'stop_limit', timeInForce: 'gtc', ...more }) as const

/** The last trade was at 100; asks at 101, 103 and 105, bids at 99, 97 and 95, of 5 each. */
const traded = [
  sell('t', 'bob', 1, 100),
  buy('u', 'carol', 1, 100),
  ...[101, 103, 105].map(price => sell(`s${price}`, 'bob', 5, price)),
  ...[99, 97, 95].map(price => buy(`b${price}`, 'bob', 5, price)),
]

const stops: Row[] = [
  [
    'a stop waits for its trigger, and then sweeps',
    [...traded, buy('x', 'alice', 6, 0, stop(101))],
    [buy('y', 'carol', 1, 101)],
    ['accepted y 1@101', 'traded s101 y 1@101', 'triggered x', 'traded s101 x 4@101', 'traded s103 x 2@103'],
  ],
  [
    'one whose trigger is reached already works at once',
    traded,
    [buy('x', 'alice', 1, 0, stop(100))],
    ['accepted x 1', 'triggered x', 'traded s101 x 1@101'],
  ],
  ['nothing is triggered before a first trade', [], [sell('x', 'alice', 1, 0, stop(100))], ['accepted x 1']],
  [
    'buys by the lower trigger, then sells by the higher; then what they lead to',
    [
      ...traded,
      buy('b2', 'alice', 1, 0, stop(103)),
      buy('b1', 'alice', 4, 0, stop(101)),
      sell('s2', 'carol', 1, 0, stop(99)),
      sell('s1', 'carol', 11, 0, stop(99)),
    ],
    [buy('y', 'carol', 6, 103)],
    [
      'accepted y 6@103',
      'traded s101 y 5@101',
      'traded s103 y 1@103',
      'triggered b1',
      'traded s103 b1 4@103',
      'triggered b2',
      'traded s105 b2 1@105',
    ],
  ],
  [
    'what the same last price triggers is triggered though a trade comes between',
    [sell('s1', 'bob', 1, 100), sell('s2', 'bob', 5, 101), buy('b1', 'bob', 5, 99)].concat(
      buy('b', 'alice', 1, 0, stop(100)),
      sell('s', 'carol', 1, 0, stop(100)),
    ),
    [buy('y', 'carol', 1, 100)],
    ['accepted y 1@100', 'traded s1 y 1@100', 'triggered b', 'traded s2 b 1@101', 'triggered s', 'traded b1 s 1@99'],
  ],
  [
    'one that finds nothing goes',
    [sell('s', 'bob', 1, 100), buy('x', 'alice', 1, 0, stop(100))],
    [buy('y', 'carol', 1, 100)],
    ['accepted y 1@100', 'traded s y 1@100', 'triggered x', 'canceled x 1 no_liquidity'],
  ],
  [
    'one that becomes a limit order rests',
    [...traded, buy('x', 'alice', 6, 102, stopLimit(101))],
    [buy('y', 'carol', 1, 101)],
    ['accepted y 1@101', 'traded s101 y 1@101', 'triggered x', 'traded s101 x 4@101'],
  ],
  [
    'one that may not take, would take, and goes',
    [...traded, buy('x', 'alice', 6, 102, stopLimit(101, { isPostOnly: true }))],
    [buy('y', 'carol', 1, 101)],
    ['accepted y 1@101', 'traded s101 y 1@101', 'triggered x', 'canceled x 6 would_cross'],
  ],
  [
    'one that cannot be filled whole goes',
    [...traded, buy('x', 'alice', 6, 102, stopLimit(101, fok))],
    [buy('y', 'carol', 1, 101)],
    ['accepted y 1@101', 'traded s101 y 1@101', 'triggered x', 'canceled x 6 not_fillable'],
  ],
  [
    'a limit outside the band is told when it is triggered',
    [...traded, buy('x', 'alice', 1, 150, stopLimit(101)), reference(100), rules({ bandPpm: 100_000 })],
    [buy('y', 'carol', 1, 101)],
    ['accepted y 1@101', 'traded s101 y 1@101', 'triggered x', 'canceled x 1 price_band'],
  ],
  [
    'it is amended as it waits, and a plain one takes no price',
    [...traded, buy('x', 'alice', 6, 0, stop(110))],
    [amend('x', 'alice', { quantity: 7 }), amend('x', 'alice', { price: 3 }), amend('x', 'alice', { quantity: 2 })],
    ['amended x 7', 'refused invalid', 'amended x 2 kept'],
  ],
  [
    'it is canceled as it waits',
    [buy('x', 'alice', 6, 0, stop(110))],
    [cancel('x', 'alice')],
    ['canceled x 6 requested'],
  ],
]

const bands: Row[] = [
  [
    'a limit price outside the band is refused',
    [rules({ bandPpm: 100_000 }), reference(99)],
    [buy('x', 'alice', 1, 108), sell('y', 'alice', 1, 109), buy('z', 'alice', 1, 90), buy('v', 'alice', 1, 89)],
    ['accepted x 1@108', 'refused price_band', 'accepted z 1@90', 'refused price_band'],
  ],
  ['there is none without a reference', [rules({ bandPpm: 100_000 })], [buy('x', 'alice', 1, 9)], ['accepted x 1@9']],
  [
    'the reference follows the market with each tick',
    [rules({ bandPpm: 100_000 }), ...traded],
    [buy('x', 'alice', 1, 200, ioc), tick(), buy('y', 'alice', 1, 200, ioc)],
    ['accepted x 1@200', 'traded s101 x 1@101', 'refused price_band'],
  ],
  [
    'a trade too far away is an auction instead, and the rest of a limit order rests in it',
    [rules({ haltPpm: 30_000, haltMicros: 60 }), ...traded, reference(100)],
    [buy('x', 'alice', 12, 110), tick(60)],
    [
      'accepted x 12@110',
      'traded s101 x 5@101',
      'traded s103 x 5@103',
      'phased auction until 61',
      'indicated 2@105',
      'traded s105 x 2@105',
      'phased trading',
    ],
  ],
  [
    'the rest of another goes',
    [rules({ haltPpm: 10_000, haltMicros: 60 }), ...traded, reference(100)],
    [sell('x', 'alice', 12, 95, ioc)],
    ['accepted x 12@95', 'traded b99 x 5@99', 'phased auction until 61', 'canceled x 7 price_band', 'indicated 0@0'],
  ],
  [
    'fill-or-kill does not lead to one',
    [rules({ haltPpm: 10_000, haltMicros: 60 }), ...traded, reference(100)],
    [sell('x', 'alice', 12, 95, fok)],
    ['refused not_fillable'],
  ],
  [
    'stops wait until it is over',
    [rules({ haltPpm: 10_000, haltMicros: 60 }), ...traded, reference(100), sell('q', 'carol', 1, 0, stop(99))],
    [sell('x', 'alice', 6, 95), tick(60)],
    [
      'accepted x 6@95',
      'traded b99 x 5@99',
      'phased auction until 61',
      'indicated 1@97',
      'traded b97 x 1@97',
      'phased trading',
      'triggered q',
      'traded b97 q 1@97',
    ],
  ],
]

/** An auction with these orders that ends by itself after 100 µs. */
const auction = (...orders: Step[]) => [phase('auction', 101), ...orders]
const uncross = tick(100)
/** The last of these orders makes an auction uncross there. */
const indications: [rule: string, orders: Step[], then: string][] = [
  ['most volume', [buy('a', 'alice', 5, 102), buy('b', 'alice', 5, 100), sell('c', 'bob', 8, 99)], '8@100'],
  ['then least surplus', [buy('a', 'alice', 5, 103), buy('b', 'alice', 2, 101), sell('c', 'bob', 5, 99)], '5@102'],
  ['a surplus to buy: the highest', [buy('a', 'alice', 9, 103), sell('c', 'bob', 5, 99)], '5@103'],
  ['a surplus to sell: the lowest', [buy('a', 'alice', 5, 103), sell('c', 'bob', 9, 99)], '5@99'],
  ['neither: the lower without a reference', [buy('a', 'alice', 5, 103), sell('c', 'bob', 5, 99)], '5@99'],
  ['or the reference', [reference(101), buy('a', 'alice', 5, 103), sell('c', 'bob', 5, 99)], '5@101'],
  ['or the nearest to it', [reference(105), buy('a', 'alice', 5, 103), sell('c', 'bob', 5, 99)], '5@103'],
  ['nothing that crosses', [buy('a', 'alice', 5, 98), sell('c', 'bob', 5, 99)], '0@0'],
  ['icebergs count whole', [buy('a', 'alice', 9, 103, { display: 2 }), sell('c', 'bob', 9, 99)], '9@99'],
]

const auctions: Row[] = [
  [
    'takes limit orders that may rest, and lets stops wait',
    auction(),
    [
      buy('a', 'alice', 1, 0, market),
      buy('b', 'alice', 1, 9, ioc),
      buy('c', 'alice', 1, 9, fok),
      buy('d', 'alice', 1, 9, { isPostOnly: true }),
      buy('e', 'alice', 1, 0, stop(9)),
      buy('f', 'alice', 1, 9),
    ],
    [...Array(4).fill('refused phase'), 'accepted e 1', 'accepted f 1@9', 'indicated 0@0'],
  ],
  [
    'uncrosses at one price, by price and then time, and sets the reference',
    auction(buy('a', 'alice', 5, 102), buy('b', 'carol', 5, 103), buy('c', 'alice', 5, 102), sell('d', 'bob', 12, 100)),
    [uncross],
    ['traded b d 5@102', 'traded a d 5@102', 'traded c d 2@102', 'phased trading'],
  ],
  [
    'trades of one account with itself',
    auction(buy('a', 'alice', 5, 102), sell('d', 'alice', 5, 100)),
    [uncross],
    ['traded a d 5@100', 'phased trading'],
  ],
  [
    'may lead to the close',
    [phase('auction', 101, 'closed'), buy('a', 'alice', 5, 102), sell('d', 'bob', 5, 100)],
    [uncross, buy('x', 'alice', 1, 1)],
    ['traded a d 5@100', 'phased closed', 'refused phase'],
  ],
  [
    'ends when it is told to',
    [phase('auction'), buy('a', 'alice', 5, 102), sell('d', 'bob', 5, 100)],
    [phase('trading')],
    ['traded a d 5@100', 'phased trading'],
  ],
  [
    'stays crossed while it is halted, and goes on after it',
    [phase('auction'), buy('a', 'alice', 5, 102), sell('d', 'bob', 5, 100), rules({ haltMicros: 40 })],
    [phase('halted', 50), tick(49), tick(40)],
    ['phased halted until 50', 'phased auction until 90', 'indicated 5@100', 'traded a d 5@100', 'phased trading'],
  ],
  [
    'triggers stops after it',
    auction(buy('a', 'alice', 5, 102), sell('d', 'bob', 7, 102), buy('q', 'carol', 1, 0, stop(102))),
    [uncross],
    ['traded a d 5@102', 'phased trading', 'triggered q', 'traded d q 1@102'],
  ],
  ['the past is no end of it', [tick(20)], [phase('auction', 21)], ['refused invalid']],
  ['a phase that trades has none', [], [phase('trading', 50)], ['refused invalid']],
]

describe.each(ENGINES)('the $name engine', maker => {
  const given = givenOf(maker)
  describe.each([
    ['stops', stops],
    ['bands and halts', bands],
    ['an auction', auctions],
  ])('%s', (_, rows) => {
    test.each(rows)('%s', (_rule, before, when, then) => {
      expect(given(...before).when(...when).reports).toEqual(then)
    })
  })

  test.each(indications)('an auction indicates %s', (_rule, orders, then) => {
    const { reports } = given().when(phase('auction', 101), ...orders)
    expect(reports.at(-1)).toBe(`indicated ${then}`)
  })

  test('an iceberg trades with all it has in an auction, the hidden lots first, and keeps its place', () => {
    const { reports, shown } = given(
      ...auction(buy('i', 'alice', 9, 102, { display: 2 }), buy('j', 'alice', 9, 102), sell('a', 'bob', 5, 100)),
    ).when(sell('b', 'carol', 3, 100), tick(100))
    expect(reports.filter(line => line.startsWith('traded'))).toEqual(['traded i a 5@102', 'traded i b 3@102'])
    expect(shown).toEqual(['b 3@100 new', 'a 0@100', 'i 1@102', 'b 0@100'])
  })
})
