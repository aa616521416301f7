import { assert } from './assert.ts'

/** A refusal that the domain expects: a value, not an exception. `code` is stable; `details` name the limit and the number. */
export interface Refusal {
  readonly refused: string
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}

/** What a decision gives: the facts that follow, in order, or why not. */
export type Decision<E> = readonly E[] | Refusal

export const refuse = (code: string, details: Refusal['details'] = {}): Refusal => ({ refused: code, details })

export const isRefusal = <E>(decision: Decision<E>): decision is Refusal => !Array.isArray(decision)

/** Anything with a life cycle: `decide` is pure, `evolve` is total over the events that `decide` can give. */
export interface Decider<S, C, E> {
  readonly initial: S
  decide(state: S, command: C): Decision<E>
  evolve(state: S, event: E): S
}

/** The state after the events, from the start or from `state`. */
export const fold = <S, C, E>(decider: Decider<S, C, E>, events: readonly E[], state: S = decider.initial): S =>
  events.reduce((current, event) => decider.evolve(current, event), state)

/** The events of a decision that must not be a refusal. */
export function accepted<E>(decision: Decision<E>): readonly E[] {
  assert(!isRefusal(decision), `unexpected refusal ${isRefusal(decision) ? decision.refused : ''}`)
  return decision
}
