import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Vite names these files by their content. */
const IMMUTABLE = /[\\/]assets[\\/][^\\/]+-[\w-]{8,}\.\w+(\.br|\.gz)?$/
/** What never answers with the page; `/health` alone is one of its own. */
const API = /^\/(v1|docs|openapi\.json)(\/|$)|^\/health\//

/** Serves the built pages; gives what answers an unknown path with the page, or undefined when there are no pages. */
export async function servePages(
  app: FastifyInstance,
  folder: string | undefined,
): Promise<((request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined) | undefined> {
  if (folder === undefined || !existsSync(join(folder, 'index.html'))) return undefined
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    preCompressed: true,
    dotfiles: 'deny',
    list: false,
    setHeaders: (reply, path) =>
      void reply.header('cache-control', IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  })
  return (request, reply) => {
    const path = request.url.split('?')[0]!
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !API.test(path) && !/\.\w+$/.test(path)
    return isPage && /text\/html/.test(request.headers.accept ?? '') ? reply.sendFile('index.html') : undefined
  }
}
