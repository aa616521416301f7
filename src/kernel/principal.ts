import type { TenantId } from './ids.ts'

/** Every permission of the product. A route names one or is public; roles are sets of them. */
export const PERMISSIONS = [
  'market:read',
  'orders:read',
  'orders:write',
  'exchange:operate',
  'orders:cancel',
  'runs:read',
  'runs:write',
  'portfolio:read',
  'ledger:read',
  'ledger:verify',
  'events:read',
  'health:read',
  'venues:read',
  'venues:operate',
  'docs:read',
  'kill_switch:use',
  'kill_switch:lift',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Who acts. */
export interface Principal {
  readonly id: string
  readonly name: string
  readonly kind: 'person' | 'key' | 'system'
  readonly tenant: TenantId
  readonly permissions: ReadonlySet<Permission>
}
