import { deepStrictEqual } from 'node:assert'
import { type Decider, type Decision, fold, isRefusal, refuse } from './decide.ts'

/** What a given-when-then ends with: events that must equal the decision's, or a refusal's code. */
export interface Outcome<E> {
  then(...events: readonly E[]): void
  thenRefused(code: string, details?: Readonly<Record<string, string | number | boolean | null>>): void
}

/**
 * Given events, when a command, then events: the shape of every decider's test.
 * @example
 * const { given } = scenarios(orderDecider)
 * given(submitted).when({ type: 'fill', … }).then({ type: 'filled', … })
 */
export const scenarios = <S, C, E>(decider: Decider<S, C, E>) => ({
  given: (...events: readonly E[]) => ({
    when(command: C): Outcome<E> {
      const decision: Decision<E> = decider.decide(fold(decider, events), command)
      return {
        then: (...expected) => deepStrictEqual(decision, expected),
        thenRefused: (code, details) =>
          deepStrictEqual(
            isRefusal(decision) && details === undefined ? decision.refused : decision,
            details === undefined ? code : refuse(code, details),
          ),
      }
    },
  }),
})
