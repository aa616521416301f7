import { z } from 'zod'
import { AppError, ERRORS, type ErrorCode, type ErrorDetails } from '../../kernel/index.ts'

/** Problem details (RFC 9457) with our stable code, and the faults where there are any. */
export const Problem = z.strictObject({
  type: z.string().meta({ description: 'urn:bourse:problem:<code>' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What is wrong here, in a sentence' }),
  code: z.string().meta({ description: 'Stable; the table of codes is in the reference' }),
  instance: z.string().meta({ description: 'The path that was asked for' }),
  requestId: z.string().meta({ description: 'Name it when you report the problem' }),
  retryable: z.boolean(),
  field: z.string().optional(),
  rule: z.string().optional(),
  fix: z.string().optional(),
  reason: z.string().optional().meta({ description: 'Stable: which of the reasons that share the code' }),
  faults: z.array(z.strictObject({ field: z.string(), rule: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'
const INSTANCE_LENGTH_MAX = 200
const FAULTS_MAX = 20

/** Codes of Fastify and Node.js that are the caller's fault. Whatever is not here and no AppError is `internal.error`. */
const FOREIGN: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['request.too_large', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['request.unsupported_media_type', 'the body is application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['request.invalid', 'the body is not empty when its type is application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['request.invalid', 'the body is valid JSON without __proto__ or constructor keys'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['request.invalid', 'the body is as long as Content-Length says'],
  FST_ERR_BAD_URL: ['request.invalid', 'the path is correctly percent-encoded'],
  FST_ERR_ASYNC_CONSTRAINT: ['request.invalid', 'the request can be routed'],
  FST_ERR_MAX_PARAM_LENGTH: ['request.invalid', 'a path parameter is not too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request.invalid', 'the request arrives in time'],
}

interface ForeignError {
  code?: string
  statusCode?: number
  validation?: readonly {
    keyword?: string
    instancePath?: string
    message?: string
    params?: { keys?: readonly unknown[] }
  }[]
  validationContext?: string
}

/** Every error as an AppError: ours as they are, the framework's translated, anything else `internal.error`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code = '', statusCode, validation, validationContext } = (error ?? {}) as ForeignError
  if (validation)
    return new AppError('request.invalid', { faults: faultsOf(validation, validationContext) }, { cause: error })
  const foreign = FOREIGN[code]
  if (foreign) return new AppError(foreign[0], { rule: foreign[1] }, { cause: error })
  if (error instanceof SyntaxError && statusCode === 400)
    return new AppError('request.invalid', { rule: FOREIGN.FST_ERR_CTP_INVALID_JSON_BODY![1] }, { cause: error })
  return new AppError('internal.error', {}, { cause: error })
}

/** One fault for each field; of unknown fields each by its own name. */
const faultsOf = (validation: NonNullable<ForeignError['validation']>, context = 'request') =>
  validation
    .flatMap(({ keyword, instancePath = '', message = 'is not valid', params }) => {
      const path = instancePath.split('/').filter(Boolean)
      if (keyword === 'unrecognized_keys' && Array.isArray(params?.keys))
        return params.keys.map(key => ({
          field: [...path, String(key).slice(0, 100)].join('.'),
          rule: 'is no field here',
        }))
      return [{ field: path.join('.') || (context === 'querystring' ? 'query' : context), rule: message }]
    })
    .slice(0, FAULTS_MAX)

/** What leaves the server. Of our own failures it tells the code and nothing of the inside. */
export function problemOf(error: AppError, path: string, requestId: string): Problem {
  const { title, isOurs } = { title: ERRORS[error.code].message, isOurs: error.status >= 500 }
  const { field, rule, fix, faults, reason } = isOurs ? ({} as ErrorDetails) : error.details
  const problem: Problem = {
    type: `urn:bourse:problem:${error.code}`,
    title,
    status: error.status,
    detail: isOurs ? title : error.message,
    code: error.code,
    instance: path.slice(0, INSTANCE_LENGTH_MAX),
    requestId,
    retryable: error.retryable,
  }
  return {
    ...problem,
    ...present({ field, rule, fix, reason: typeof reason === 'string' ? reason : undefined }),
    ...(faults ? { faults: [...faults] } : {}),
  }
}

const present = (entries: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
