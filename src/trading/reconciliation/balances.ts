import { formatDecimal, parseDecimal, trimDecimal } from '../../kernel/index.ts'
import type { Balance } from '../../venues/index.ts'
import type { Finding } from './compare.ts'

/** Finer than any asset of any venue. */
const SCALE = 18
/**
 * Venues cut what they tell of a balance, to eight decimals at the coarsest known of a pair's assets, and what is free apart
 * from what is held: from less than this nothing follows.
 */
const CUT = 2n * 10n ** BigInt(SCALE - 8)

const unitsOf = (text: string): bigint => {
  const [whole, fraction = ''] = text.split('.') as [string, string?]
  return parseDecimal(fraction === '' ? whole : `${whole}.${fraction.slice(0, SCALE)}`, SCALE, 'balance')
}

const textOf = (units: bigint): string => trimDecimal(formatDecimal(units, SCALE))

/**
 * Compares what an account holds with what it should: its baseline and what our fills have moved since. An asset that was
 * never seen has no baseline yet. A difference is nobody's to correct: a deposit, a trade by hand, or a mistake.
 */
export function balanceFindings(
  venue: string,
  balances: readonly Balance[],
  expected: ReadonlyMap<string, { readonly baseline: string; readonly moved: string }>,
): { findings: Finding[]; unseen: { asset: string; total: string }[] } {
  const findings: Finding[] = []
  const unseen: { asset: string; total: string }[] = []
  for (const { asset, free, held } of balances) {
    const theirs = unitsOf(free) + unitsOf(held)
    const known = expected.get(asset)
    if (known === undefined) {
      unseen.push({ asset, total: textOf(theirs) })
      continue
    }
    const ours = unitsOf(known.baseline) + unitsOf(known.moved)
    const difference = theirs > ours ? theirs - ours : ours - theirs
    if (difference < CUT) continue
    findings.push({
      kind: 'balance',
      classification: 'balance_differs',
      action: 'escalated',
      subject: `${venue}/${asset}`,
      ours: textOf(ours),
      theirs: textOf(theirs),
      explanation: `The account holds ${textOf(difference)} ${asset} ${theirs > ours ? 'more' : 'less'} than our fills explain: a transfer, a trade by hand, or a fee that was not told.`,
      reports: [],
    })
  }
  return { findings, unseen }
}
