import type { Transaction } from 'kysely'
import type { TenantId } from '../../kernel/index.ts'

/**
 * The tables of the product, by name. Each subject adds its own in its `store.ts`:
 * @example
 * declare module '../platform/index.ts' {
 *   interface Schema { fill: FillTable }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: subjects merge their tables into it
export interface Schema {}

/** An open transaction bound to one tenant: row-level security shows and takes only that tenant's rows. */
export type TenantTx = Transaction<Schema> & { readonly tenant: TenantId }
