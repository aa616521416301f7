import { z } from 'zod'
import { AppError, type Principal } from '../../kernel/index.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { ok, type Route, route } from './route.ts'

/** A session as pages get it. `expiresAt` is in microseconds UTC. */
const SessionView = z.strictObject({
  token: z.string(),
  expiresAt: z.int(),
  principal: z.strictObject({
    id: z.string(),
    name: z.string(),
    tenant: z.string(),
    permissions: z.array(z.string()),
  }),
})
export type SessionView = z.infer<typeof SessionView>

/** Signs in the one person of demo mode, without a password; outside demo mode it refuses. */
export const demoSessionRoute = (tokens: Tokens, demoPrincipal: Principal | undefined): Route =>
  route({
    method: 'POST',
    path: '/v1/session/demo',
    permission: 'public',
    rate: 'sign_in',
    audit: 'session.demo',
    summary: 'Sign in as the person of demo mode',
    responses: { 200: SessionView },
    async handle() {
      if (!demoPrincipal) throw new AppError('auth.demo_only')
      const { id, name, tenant, permissions } = demoPrincipal
      return ok({
        ...(await tokens.issue(demoPrincipal)),
        principal: { id, name, tenant, permissions: [...permissions] },
      })
    },
  })
