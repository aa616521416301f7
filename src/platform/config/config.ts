import { z } from 'zod'
import { AppError } from '../../kernel/index.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Whether the name or address can only be reached from this machine. */
const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127(\.\d{1,3}){3}$/.test(host)

const port = (rule = 'is a port, 0 to 65535 (0 takes a free one)') =>
  z
    .string()
    .regex(/^\d{1,5}$/, rule)
    .transform(Number)
    .refine(value => value <= 65_535, rule)

const flag = z
  .enum(['true', 'false', '1', '0'], 'is true or false')
  .transform(value => value === 'true' || value === '1')

const origin = z.string().refine(value => URL.canParse(value) && new URL(value).origin === value, {
  message: 'is an origin such as https://bourse.example, without a path',
})

const databaseUrl = z
  .string()
  .refine(value => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol), {
    message: 'is a URL such as postgresql://user:password@host:5432/name',
  })

/** Every variable that Bourse reads: its rule, meaning and default. The reference in the docs is generated from it. */
const VARIABLES = {
  BOURSE_PORT: { schema: port(), meaning: 'Port of pages, API and sockets', default: '3000' },
  BOURSE_METRICS_PORT: { schema: port(), meaning: 'Port of /metrics and the details of readiness', default: '9464' },
  BOURSE_HOST: {
    schema: z.string().min(1, 'is an address or name to listen on').max(253),
    meaning: 'Address to listen on; demo mode accepts loopback only',
    default: '127.0.0.1',
  },
  BOURSE_PUBLIC_ORIGIN: {
    schema: origin.optional(),
    meaning: 'Origin under which browsers reach the pages, when a proxy stands in front',
    default: undefined,
  },
  BOURSE_DEMO: { schema: flag, meaning: 'Demo mode: simulated venues, no sign-in, loopback only', default: 'false' },
  BOURSE_DATA: {
    schema: z.string().min(1, 'is a folder').max(1_024),
    meaning: 'Folder of the embedded PostgreSQL, keys and recordings',
    default: './data',
  },
  DATABASE_URL: {
    schema: databaseUrl.optional(),
    meaning: 'PostgreSQL to use instead of the embedded one; its user owns the tables and may create roles',
    default: undefined,
  },
  BOURSE_DATABASE_CONNECTIONS: {
    schema: z
      .string()
      .regex(/^[1-9]\d?$/, 'is a number from 1 to 99')
      .transform(Number),
    meaning: 'Connections that one process keeps to PostgreSQL at most',
    default: '10',
  },
  BOURSE_LOG_LEVEL: {
    schema: z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'is trace, debug, info, warn, error or silent',
    ),
    meaning: 'Least level that is logged',
    default: 'info',
  },
  BOURSE_SEED: {
    schema: z.string().min(1).max(100),
    meaning: 'Seed of the simulated market in demo mode',
    default: 'bourse',
  },
} as const satisfies Record<string, { schema: z.ZodType; meaning: string; default: string | undefined }>

type Variables = typeof VARIABLES
type Values = { [Name in keyof Variables]: z.infer<Variables[Name]['schema']> }

/** The configuration of a process: read once, frozen, handed down explicitly. */
export interface Config {
  readonly port: number
  readonly metricsPort: number
  readonly host: string
  readonly publicOrigin: string | undefined
  readonly isDemo: boolean
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly databaseConnections: number
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly seed: string
  /** `BOURSE_…` variables that are set and that nothing reads: most likely misspelt, so the caller warns of them. */
  readonly unknownVariables: readonly string[]
}

/**
 * The configuration in the environment.
 * @throws AppError `config.invalid` with every fault at once in `details.faults`, each naming its variable and rule.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: { field: string; rule: string }[] = []
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const text = env[name] === '' ? undefined : env[name]
    const parsed = variable.schema.safeParse(text ?? variable.default)
    if (parsed.success) values[name] = parsed.data
    else faults.push({ field: name, rule: parsed.error.issues[0]!.message })
  }
  const read = values as Values
  if (read.BOURSE_DEMO === true && read.BOURSE_HOST !== undefined && !isLoopback(read.BOURSE_HOST))
    faults.push({ field: 'BOURSE_HOST', rule: 'is a loopback address in demo mode, which has no sign-in' })
  if (faults.length > 0) throw new AppError('config.invalid', { faults })
  return Object.freeze({
    port: read.BOURSE_PORT,
    metricsPort: read.BOURSE_METRICS_PORT,
    host: read.BOURSE_HOST,
    publicOrigin: read.BOURSE_PUBLIC_ORIGIN,
    isDemo: read.BOURSE_DEMO,
    dataDir: read.BOURSE_DATA,
    databaseUrl: read.DATABASE_URL,
    databaseConnections: read.BOURSE_DATABASE_CONNECTIONS,
    logLevel: read.BOURSE_LOG_LEVEL,
    seed: read.BOURSE_SEED,
    unknownVariables: Object.keys(env).filter(name => name.startsWith('BOURSE_') && !(name in VARIABLES)),
  })
}

/** Name, meaning and default of every variable, as rows of the generated reference. */
export const configReference = (): readonly { name: string; meaning: string; default: string }[] =>
  Object.entries(VARIABLES).map(([name, { meaning, default: fallback }]) => ({
    name,
    meaning,
    default: fallback ?? '',
  }))
