import type { FaultRule } from '../../simulators/venues/index.ts'

const often = (kind: FaultRule['kind'], probability: number, more: Partial<FaultRule> = {}): FaultRule => ({
  kind,
  probability,
  ms: 500,
  part: 0.5,
  ...more,
})

/** Every fault there is, often enough to meet each other. */
export const SOAK_FAULTS: readonly FaultRule[] = [
  often('refuse', 0.02, { on: ['place', 'cancel'] }),
  often('unavailable', 0.02, { on: ['place', 'cancel', 'query'] }),
  often('lose_ack', 0.05, { on: ['place', 'cancel', 'query'] }),
  often('delay', 0.05, { on: ['place', 'cancel', 'query'], ms: 900 }),
  often('delay', 0.01, { on: ['place', 'cancel'], ms: 5_000 }),
  often('partial_fill', 0.2, { on: ['place'] }),
  often('duplicate_report', 0.1, { on: ['orders', 'balances'] }),
  often('reorder_reports', 0.1, { on: ['orders'] }),
  often('gap', 0.005, { on: ['book'] }),
  often('bad_checksum', 0.005, { on: ['book'] }),
  often('disconnect', 0.002, { on: ['book', 'orders'] }),
  often('disconnect', 0.02, { on: ['place', 'query'] }),
  often('rate_limit', 0.02),
  often('ban', 0.001, { ms: 2_000 }),
  often('maintenance', 0.001, { ms: 2_000 }),
  often('malformed_json', 0.02, { on: ['place', 'cancel', 'query'] }),
]
