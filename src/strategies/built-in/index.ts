import type { AnyStrategy } from '../../trading/index.ts'
import { meanReversion } from './mean-reversion.ts'
import { trend } from './trend.ts'

/** The strategies that come with the product, by name. */
export const BUILT_IN: readonly AnyStrategy[] = [trend, meanReversion]
