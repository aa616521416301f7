import { HOUSE_CAPABILITIES } from '../src/exchange/index.ts'
import {
  type Capabilities,
  FEATURES,
  type Feature,
  PAPER,
  VENUE_NAMES,
  VENUES,
  whyAbsent,
} from '../src/venues/index.ts'
import { notes, page, table } from './markdown.ts'

const SECOND_MS = 1_000
const FEE: Readonly<Record<Capabilities['feeCharged'], string>> = {
  quote: 'the quote asset',
  received: 'what comes in',
}
const AMEND: Readonly<Record<Capabilities['amend'], string>> = { native: 'under the same id', none: 'no' }
const CANCEL_ALL: Readonly<Record<Capabilities['cancelAll'], string>> = {
  account: 'to the account at once',
  instrument: 'instrument by instrument',
}

interface Column {
  readonly title: string
  readonly capabilities: Capabilities
}

const COLUMNS: readonly Column[] = [
  ...VENUE_NAMES.flatMap(name => {
    const definition = VENUES[name]
    return definition === undefined ? [] : [{ title: definition.title, capabilities: definition.capabilities }]
  }),
  { title: 'Paper', capabilities: PAPER },
  { title: 'House', capabilities: HOUSE_CAPABILITIES },
]

/** What each venue can do through its connector, from what its definition declares. */
export function venues(): string {
  const said = notes()
  /** "no" with the venue's own reason, or what there is. */
  const has = (feature: Feature, text: (capabilities: Capabilities) => string) => (capabilities: Capabilities) => {
    const why = whyAbsent(capabilities, feature)
    return why === null ? text(capabilities) : `no ${said.of(`${FEATURES[feature]}: ${why}`)}`
  }
  const all = (present: readonly string[], features: readonly Feature[], capabilities: Capabilities) => {
    const lacking = features.flatMap(feature => {
      const why = whyAbsent(capabilities, feature)
      return why === null ? [] : [`no ${feature} ${said.of(`${FEATURES[feature]}: ${why}`)}`]
    })
    return [...present, ...lacking].join(', ')
  }
  const rows: readonly (readonly [string, (capabilities: Capabilities) => string])[] = [
    ['markets', one => one.markets.join(', ')],
    ['orders', one => all(one.orderTypes, ['stop', 'stop_limit'], one)],
    ['time in force', one => all(one.timeInForce, ['ioc', 'fok'], one)],
    ['post-only', has('postOnly', () => 'yes')],
    ['an order is amended', has('amend', one => AMEND[one.amend])],
    ['a cancel of everything goes', one => CANCEL_ALL[one.cancelAll]],
    ['an order that is sent twice is one', has('uniqueClientIds', () => 'yes')],
    ['a broken book is noticed by', one => one.bookIntegrity.join(', ') || '–'],
    ['checksums of books', has('checksum', () => 'yes')],
    ['candles', one => one.candleIntervals.join(', ') || '–'],
    [
      'dead man’s switch',
      has('deadMansSwitch', one => `${one.deadMansSwitch!.secondsMin} s to ${one.deadMansSwitch!.secondsMax} s`),
    ],
    ['testnet', has('testnet', () => 'yes')],
    ['a fee is charged in', one => FEE[one.feeCharged]],
    ['what a key may do is told', has('permissions', () => 'yes')],
    ['a request is taken for', one => (one.requestValidForMs === 0 ? '–' : `${one.requestValidForMs / SECOND_MS} s`)],
  ]
  return page(
    'Venues',
    'What each venue can do through its connector. A note says why something is not there: the venue has it otherwise, or not at all. ' +
      'That it does what is said here is in [the conformance matrix](conformance.md).',
    table(
      ['', ...COLUMNS.map(({ title }) => title)],
      rows.map(([name, cell]) => [name, ...COLUMNS.map(({ capabilities }) => cell(capabilities))]),
    ),
    said.list(),
    'Orders are those that the connector places; “taken for” is how long after it was sent an order without an answer may still be accepted. ' +
      'The source is `capabilities` in the definition of each venue, `src/venues/kraken/definition.ts` for one.',
  )
}
