import { createHmac } from 'node:crypto'
import type { Client } from 'pg'
import { AppError } from '../../kernel/index.ts'

/**
 * `bourse_app` does the work of the product under row-level security; `dispatcher` reads the events of all tenants and
 * nothing else. Neither owns a table or bypasses policies; the owner only migrates.
 */
export const ROLES = ['bourse_app', 'dispatcher'] as const
export type Role = (typeof ROLES)[number]

const ROLE_TRIES_MAX = 5

/**
 * The URL under which a role signs in. Its password is derived from the owner's (HMAC-SHA-256), so that every process
 * that knows DATABASE_URL knows it and nothing needs storing.
 * @throws AppError `config.invalid` when the owner's URL has no password.
 */
export function roleUrl(ownerUrl: string, role: Role): string {
  const url = new URL(ownerUrl)
  url.password = passwordOf(ownerUrl, role)
  url.username = role
  return url.href
}

function passwordOf(ownerUrl: string, role: Role): string {
  const { password } = new URL(ownerUrl)
  if (password === '')
    throw new AppError('config.invalid', {
      faults: [{ field: 'DATABASE_URL', rule: 'holds a password: those of the application roles are derived from it' }],
    })
  return createHmac('sha256', decodeURIComponent(password)).update(`bourse/${role}`).digest('base64url')
}

/** Creates the roles where they are missing and sets their passwords and rights. Runs under the migration lock. */
export async function ensureRoles(client: Client, ownerUrl: string): Promise<void> {
  for (const role of ROLES) {
    await retryConcurrent(async () => {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
      const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
      // The derived password is base64url: it cannot end the literal.
      await client.query(
        `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD '${passwordOf(ownerUrl, role)}'`,
      )
    })
    await retryConcurrent(() => client.query(`GRANT USAGE ON SCHEMA public TO ${role}`))
  }
}

/** Roles belong to the whole cluster: another database's migration may be changing the same row. */
async function retryConcurrent(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run()
      return
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      const isConcurrent = code === '42710' || code === '23505' || /concurrently updated/.test(message)
      if (!isConcurrent || attempt === ROLE_TRIES_MAX) throw error
    }
  }
}
