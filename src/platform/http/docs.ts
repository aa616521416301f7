import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify'

/** Swagger UI sets styles on elements; its scripts come from files. Everything else stays as strict as on the pages. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The explorer at /docs over the generated document. */
export async function serveDocs(
  app: FastifyInstance,
  document: object,
  guard: onRequestAsyncHookHandler | undefined,
): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    uiConfig: { validatorUrl: null, persistAuthorization: false, docExpansion: 'list' } as never,
    ...(guard ? { uiHooks: { onRequest: guard as never } } : {}),
  })
}
