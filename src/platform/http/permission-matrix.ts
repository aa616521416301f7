import type { Permission } from '../../kernel/index.ts'
import type { Route } from './route.ts'

/** One route and who may call it. */
export interface PermissionRow {
  readonly method: string
  readonly path: string
  readonly permission: Permission | 'public'
  /** By name of the role. */
  readonly allowed: Readonly<Record<string, boolean>>
}

/** Every route by every role, generated from the route table: what the tests and the reference hold the server to. */
export const permissionMatrix = (
  routes: readonly Route[],
  roles: Readonly<Record<string, ReadonlySet<Permission>>> = {},
): PermissionRow[] =>
  routes.map(({ method, path, permission }) => ({
    method,
    path,
    permission,
    allowed: Object.fromEntries(
      Object.entries(roles).map(([role, permissions]) => [
        role,
        permission === 'public' || permissions.has(permission),
      ]),
    ),
  }))
