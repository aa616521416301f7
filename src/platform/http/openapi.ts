import { ERRORS } from '../../kernel/index.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { Problem } from './problem.ts'
import { rateOf } from './rates.ts'
import type { Route } from './route.ts'

type Json = { [name: string]: unknown }

/** The OpenAPI 3.1 document of the routes: nothing in it is written by hand. */
export function openApiOf(routes: readonly Route[], info: { version: string }): Json {
  const paths: Record<string, Json> = {}
  for (const entry of routes) {
    const path = entry.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [entry.method.toLowerCase()]: operationOf(entry) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bourse',
      version: info.version,
      description: 'Amounts and prices are decimal strings, times are integer microseconds UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: { ...jsonSchemaOf(Problem, 'output'), examples: [exampleProblem] } },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

const exampleProblem = {
  type: 'urn:bourse:problem:request.invalid',
  title: ERRORS['request.invalid'].message,
  status: 400,
  detail: 'The request is not valid. quantity: is a multiple of the lot 1',
  code: 'request.invalid',
  instance: '/v1/orders',
  requestId: '019aa4a0-0000-7000-8000-000000000000',
  retryable: false,
  faults: [{ field: 'quantity', rule: 'is a multiple of the lot 1' }],
}

function operationOf(entry: Route): Json {
  const { perPrincipal, windowMs } = rateOf(entry.rate, false)
  return {
    operationId: `${entry.method.toLowerCase()}${entry.path.replace(/[^a-z0-9]+(.)?/gi, (_, next = '') => next.toUpperCase())}`,
    summary: entry.summary,
    tags: [entry.path.split('/')[entry.path.startsWith('/v1/') ? 2 : 1]],
    ...(entry.permission === 'public' ? {} : { security: [{ bearer: [] }] }),
    'x-permission': entry.permission,
    'x-rate': { class: entry.rate, requests: perPrincipal, windowMs },
    parameters: [
      ...parametersOf(entry, 'path'),
      ...parametersOf(entry, 'query'),
      ...(entry.idempotent ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(entry.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchemaOf(entry.body, 'input') } },
          },
        }
      : {}),
    responses: { ...answersOf(entry), ...problemsOf(entry) },
  }
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 100 },
  description: 'The same key with the same request gives the same answer and one effect, for 24 hours.',
}

function parametersOf(entry: Route, place: 'path' | 'query'): Json[] {
  const schema = place === 'path' ? entry.params : entry.query
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const answersOf = (entry: Route): Json =>
  Object.fromEntries(
    Object.entries(entry.responses).map(([status, schema]) => [
      status,
      status === '204'
        ? { description: 'Done' }
        : { description: 'The answer', content: { 'application/json': { schema: jsonSchemaOf(schema, 'output') } } },
    ]),
  )

/** What any route can answer, given what it takes. */
function problemsOf(entry: Route): Json {
  const statuses = new Set([429, 500, 503])
  if (entry.params || entry.query || entry.body || entry.idempotent) statuses.add(400)
  if (entry.params) statuses.add(404)
  if (entry.method !== 'GET') statuses.add(409).add(413).add(415)
  if (entry.idempotent) statuses.add(422)
  if (entry.permission !== 'public') statuses.add(401).add(403)
  const rows = [...statuses].filter(status => !(status in entry.responses)).sort()
  return Object.fromEntries(rows.map(status => [status, PROBLEM_RESPONSE]))
}

const PROBLEM_RESPONSE = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
