import { AppError, defineInstrument, type Instrument, type InstrumentId } from '../kernel/index.ts'

/** Where a pair is looked up when no venue is named. */
const DEFAULT_VENUE = 'paper'

/** What the demo trades: four pairs of the simulated venue, with the ticks and lots of comparable real markets. */
export const DEMO_INSTRUMENTS: readonly Instrument[] = [
  defineInstrument({ venue: DEFAULT_VENUE, pair: 'BTC/USD', tick: '0.1', lot: '0.0001', notionalMin: '5' }),
  defineInstrument({ venue: DEFAULT_VENUE, pair: 'ETH/USD', tick: '0.01', lot: '0.001', notionalMin: '5' }),
  defineInstrument({ venue: DEFAULT_VENUE, pair: 'XRP/USD', tick: '0.0001', lot: '0.1', notionalMin: '5' }),
  defineInstrument({ venue: DEFAULT_VENUE, pair: 'DOGE/USD', tick: '0.00001', lot: '1', notionalMin: '5' }),
]

/** The instruments that a process knows, by id and by pair. */
export interface InstrumentCatalogue {
  readonly all: readonly Instrument[]
  find(id: string): Instrument | undefined
  /** @throws AppError `resource.not_found` naming what was asked for */
  get(id: string): Instrument
  /**
   * `XRP/USD` at the default venue, `kraken:XRP/USD` anywhere.
   * @throws AppError `resource.not_found`
   */
  resolvePair(text: string, venue?: string): Instrument
}

const INSTRUMENTS_MAX = 10_000

/** @throws AppError `request.invalid` when an id comes twice or there are more than `INSTRUMENTS_MAX`. */
export function createCatalogue(instruments: readonly Instrument[] = DEMO_INSTRUMENTS): InstrumentCatalogue {
  if (instruments.length > INSTRUMENTS_MAX)
    throw new AppError('request.invalid', { field: 'instruments', rule: `are at most ${INSTRUMENTS_MAX}` })
  const byId = new Map<InstrumentId, Instrument>()
  for (const instrument of instruments) {
    if (byId.has(instrument.id))
      throw new AppError('request.invalid', { field: 'instruments', rule: `hold ${instrument.id} once` })
    byId.set(instrument.id, instrument)
  }
  const find = (id: string) => byId.get(id as InstrumentId)
  const get = (id: string): Instrument => {
    const instrument = find(id)
    if (instrument === undefined)
      throw new AppError('resource.not_found', {
        field: 'instrument',
        rule: `is one of ${[...byId.keys()].slice(0, 20).join(', ')}`,
        value: id.slice(0, 80),
      })
    return instrument
  }
  return {
    all: [...byId.values()],
    find,
    get,
    resolvePair: (text, venue = DEFAULT_VENUE) => get(text.includes(':') ? text : `${venue}:${text}`),
  }
}

const demo = createCatalogue()

/** {@link InstrumentCatalogue.resolvePair} over the demo's instruments. */
export const resolvePair = (text: string, venue?: string): Instrument => demo.resolvePair(text, venue)
