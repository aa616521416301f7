import type { FaultKind, FaultRule, FaultTarget } from '../../simulators/venues/index.ts'
import type { Feature } from '../../src/venues/index.ts'
import { bid, bookIsTrue, watched } from './acts.ts'
import { assertSound } from './sound.ts'
import type { SimulatedStage } from './stage.ts'

/** Every kind of fault on all that it can happen to: the first of each meets it, whatever a case does. */

const CALLS: readonly FaultTarget[] = ['place', 'amend', 'cancel', 'query', 'public']
const CHANGES: readonly FaultTarget[] = ['place', 'amend', 'cancel']
const CHANNELS: readonly FaultTarget[] = ['book', 'trades', 'ticker', 'orders', 'balances']
const ACCOUNT: readonly FaultTarget[] = ['orders', 'balances']

/** Longer than a stage's connector waits for an answer. */
const LATE_MS = 8_000
/** How long a ban or a maintenance lasts. */
const CLOSED_MS = 3_000
/** By so much the venue's clock is ahead of ours. */
const SKEW_MS = 90_000
/** Of reports in a row: one that comes twice or late proves little. */
const REPORTS = 3
/** After a case: so often its book changes. */
const BOOK_CHANGES = 3

interface Plan {
  readonly on: readonly FaultTarget[]
  readonly ms?: number
  readonly count?: number
  readonly needs?: Feature
}

export const PLAN: Readonly<Record<FaultKind, Plan>> = {
  refuse: { on: CHANGES },
  unavailable: { on: CALLS },
  delay: { on: CALLS, ms: LATE_MS },
  lose_ack: { on: CALLS },
  partial_fill: { on: ['place'] },
  duplicate_report: { on: ACCOUNT, count: REPORTS },
  reorder_reports: { on: ACCOUNT, count: REPORTS },
  gap: { on: ['book'] },
  bad_checksum: { on: ['book'], needs: 'checksum' },
  disconnect: { on: [...CALLS, ...CHANNELS] },
  clock_skew: { on: [...CALLS, ...CHANNELS], ms: SKEW_MS },
  rate_limit: { on: CALLS },
  ban: { on: CALLS, ms: CLOSED_MS },
  maintenance: { on: CALLS, ms: CLOSED_MS },
  malformed_json: { on: CALLS },
}

/** What each kind is, in a few words, for the page. */
export const FAULTS: Readonly<Record<FaultKind, string>> = {
  refuse: 'an order, amend or cancel is refused in the venue’s words',
  unavailable: 'HTTP 503, in HTML; nothing was done',
  delay: 'the answer comes after the connector has ceased to wait; it was done',
  lose_ack: 'it was done, and the connection broke before the answer',
  partial_fill: 'of an order that fills at once, half does',
  duplicate_report: 'frames of the account come twice',
  reorder_reports: 'frames of the account overtake each other',
  gap: 'a frame of the book is lost',
  bad_checksum: 'the checksum of a book is wrong',
  disconnect: 'the connection breaks: of a request before it was carried out, of a stream instead of a frame',
  clock_skew: `the venue’s clock is ${SKEW_MS / 1_000} s ahead`,
  rate_limit: 'a request is one too many',
  ban: `the account is banned for ${CLOSED_MS / 1_000} s`,
  maintenance: `the venue is under maintenance for ${CLOSED_MS / 1_000} s`,
  malformed_json: 'it was done, and half of the answer is cut off',
}

/**
 * Sets a kind of fault on the first of everything that it can happen to. One of streams is set twice: on the first frames of
 * the connections, which are watched for it whatever the case does, and again on the first frames after those.
 * @returns how many faults had happened before the case
 */
export async function setFault(stage: SimulatedStage, kind: FaultKind): Promise<number> {
  const { faults } = stage.simulator
  setRules(stage, kind)
  if (kind === 'clock_skew') await stage.measureClock()
  if (!PLAN[kind].on.some(target => CHANNELS.includes(target))) return faults.fired.length
  await watched(stage)
  faults.clear()
  setRules(stage, kind)
  return faults.fired.length
}

function setRules({ simulator: { faults } }: SimulatedStage, kind: FaultKind): void {
  const { on, ms = 0, count = 1 } = PLAN[kind]
  const rule: FaultRule = { kind, ms, probability: 1, part: 0.5 }
  if (kind === 'clock_skew') faults.add(rule)
  else for (const target of on) faults.add({ ...rule, on: [target], count })
}

/**
 * Why a fault that was set, after `before` others, could not happen in a case; null where it did. One that had its chance on
 * something and did not happen to it is an error of the simulator.
 */
export function unmet(
  { simulator: { faults, exchange } }: SimulatedStage,
  kind: FaultKind,
  before: number,
): string | null {
  const { on } = PLAN[kind]
  const met = on.filter(target => faults.met.has(target))
  const fired = new Set(faults.fired.slice(before).map(one => one.on))
  const spared = kind === 'clock_skew' ? [] : met.filter(target => !fired.has(target))
  if (spared.length > 0) throw new Error(`${kind} had its chance on ${spared.join(', ')} and did not happen`)
  if (met.length > 0)
    return kind === 'partial_fill' && exchange.fills.length === 0 ? 'no order of the case fills at once' : null
  const calls = on.filter(target => CALLS.includes(target))
  const frames = on.filter(target => !CALLS.includes(target))
  const no = [
    calls.length > 0 ? `makes no call of ${list(calls)}` : '',
    frames.length > 0 ? `meets no frame of ${list(frames)}` : '',
  ]
  return `the case ${no.filter(Boolean).join(' and ')}`
}

const list = (words: readonly string[]) =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

/** After a case and its fault: what was said is true, and a book that was watched is the book. */
export async function healed(stage: SimulatedStage): Promise<void> {
  if (stage.heard.isOn) {
    // A fault of the book may still be to come: it needs a change of the book.
    for (let i = 0; i < BOOK_CHANGES; i++) await bid(stage)
    await bookIsTrue(stage)
  }
  assertSound(stage)
}
