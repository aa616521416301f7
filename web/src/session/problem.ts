/** A refusal of the server (RFC 9457), or no answer at all. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly faults: readonly { readonly field: string; readonly rule: string }[]
  /** What to tell whoever looks into it. */
  readonly correlation: string | undefined
  /** Which of the reasons that share the code. */
  readonly reason: string | undefined

  constructor(
    status: number,
    code: string,
    detail: string,
    faults: Problem['faults'] = [],
    correlation?: string,
    reason?: string,
  ) {
    super(detail)
    this.status = status
    this.code = code
    this.faults = faults
    this.correlation = correlation
    this.reason = reason
  }
}

interface Body {
  readonly code?: unknown
  readonly title?: unknown
  readonly detail?: unknown
  readonly faults?: unknown
  readonly field?: unknown
  readonly rule?: unknown
  readonly requestId?: unknown
  readonly reason?: unknown
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)

export async function problemFrom(response: Response): Promise<Problem> {
  const body = ((await response.json().catch(() => ({}))) ?? {}) as Body
  const listed = Array.isArray(body.faults) ? (body.faults as Problem['faults']) : []
  const field = textOf(body.field)
  const faults = listed.length > 0 || !field ? listed : [{ field, rule: textOf(body.rule) ?? '' }]
  const correlation = textOf(body.requestId) ?? response.headers.get('x-request-id') ?? undefined
  return new Problem(
    response.status,
    textOf(body.code) ?? `http.${response.status}`,
    textOf(body.detail) ?? textOf(body.title) ?? response.statusText,
    faults,
    correlation,
    textOf(body.reason),
  )
}
