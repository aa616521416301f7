/** A broken invariant. It is a bug, never an expected refusal, and stays on in production. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Throws {@link InvariantError} when `claim` is false. For invariants only; expected refusals are values. */
export function assert(claim: unknown, message: string): asserts claim {
  if (!claim) throw new InvariantError(message)
}
