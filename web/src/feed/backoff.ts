const FIRST_MS = 500
const LONGEST_MS = 15_000

/** How long to wait before the n-th try (from 1): doubling, with full jitter over its upper half. `random` is in [0, 1). */
export const waitBefore = (attempt: number, random: number): number => {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10))
  return Math.round(ceiling / 2 + (random * ceiling) / 2)
}
