import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { ROUTES } from '../src/apps/product.ts'
import { createProgram } from '../src/apps/program.ts'
import { ERRORS, PERMISSIONS } from '../src/kernel/index.ts'
import {
  configReference,
  createHttpServer,
  createMetrics,
  createTokens,
  ephemeralSigningKey,
  loadConfig,
  type Route,
  silentLog,
  systemClock,
  systemIds,
  systemTimers,
} from '../src/platform/index.ts'
import { page, table } from './markdown.ts'
import { venues } from './venues-page.ts'

const ROOT = join(import.meta.dirname, '..')
const HELP_WIDTH = 100

/** Every page of the reference that is made from the code, by its path. */
export async function references(): Promise<Readonly<Record<string, string>>> {
  return {
    'docs/reference/errors.md': errors(),
    'docs/reference/configuration.md': configuration(),
    'docs/reference/permissions.md': permissions(await allRoutes()),
    'docs/reference/cli.md': commandLine(),
    'docs/reference/venues.md': venues(),
    'docs/security-checks.md': securityChecks(),
  }
}

const errors = () =>
  page(
    'Errors',
    'Every error has a code. Over HTTP it comes as problem details (RFC 9457) with `code`, `title`, `detail`, `retryable` and, where ' +
      'fields are at fault, `faults` that name each field and the rule it breaks. On the command line it is one line and exit code 1.',
    table(
      ['code', 'status', 'trying again can help', 'message'],
      Object.entries(ERRORS).map(([code, { status, retryable, message }]) => [
        `\`${code}\``,
        String(status),
        retryable ? 'yes' : 'no',
        message,
      ]),
    ),
    'The source is `src/kernel/errors.ts`.',
  )

const configuration = () =>
  page(
    'Configuration',
    'Read once at the start, from the environment. All faults are told at once, each with its variable and rule. A variable that ' +
      'starts with `BOURSE_` and that nothing reads is warned of.',
    table(
      ['variable', 'default', 'meaning'],
      configReference().map(({ name, meaning, default: value }) => [
        `\`${name}\``,
        value === '' ? '' : `\`${value}\``,
        meaning,
      ]),
    ),
    'The source is `src/platform/config/config.ts`.',
  )

/** The server's own routes included. */
async function allRoutes(): Promise<readonly Route[]> {
  const [clock, ids] = [systemClock(), systemIds()]
  const server = await createHttpServer({
    config: loadConfig({}),
    routes: ROUTES,
    // Nothing is handled here, so nothing is needed.
    deps: {} as never,
    db: {} as never,
    checks: [],
    tokens: createTokens({ key: ephemeralSigningKey(), clock, ids }),
    audit() {},
    clock,
    ids,
    timers: systemTimers(),
    log: silentLog,
    metrics: createMetrics(),
  })
  await server.close()
  return server.routes
}

const permissions = (routes: readonly Route[]) =>
  page(
    'Permissions and routes',
    'Every route names one permission or is public. The OpenAPI document is at `/docs` of a running server; demo mode shows it, and the details of readiness, to everybody.',
    table(
      ['method', 'path', 'permission', 'rate', 'recorded as', 'what it does'],
      routes.map(({ method, path, permission, rate, audit, summary }) => [
        method,
        `\`${path}\``,
        permission === 'public' ? 'public' : `\`${permission}\``,
        rate,
        audit === undefined ? '' : `\`${audit}\``,
        summary,
      ]),
    ),
    `## Permissions\n\n${PERMISSIONS.map(permission => `- \`${permission}\``).join('\n')}`,
    'The demo has one person, who holds all of them. Roles come with sign-in.',
  )

function commandLine(): string {
  const program = createProgram()
  const commands = (parent: Command, path: string): string[] =>
    [...parent.commands]
      .sort((a, b) => a.name().localeCompare(b.name(), 'en'))
      .flatMap(command => [
        `## ${path} ${command.name()}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``,
        ...commands(command, `${path} ${command.name()}`),
      ])
  return page(
    'Command line',
    '`npx bourse …` in a clone. Exit codes: 0 done, 1 refused or failed, 2 called wrongly.',
    ...commands(program, 'bourse'),
  )
}

/** The help as it is printed, at one width for everybody. */
function helpOf(command: Command): string {
  let said = ''
  command.configureOutput({
    writeOut: text => {
      said += text
    },
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return said.trim()
}

/** The list as it stands, its last column made from the titles of the tests. */
function securityChecks(): string {
  const path = 'docs/security-checks.md'
  const tests = testTitles()
  return readFileSync(join(ROOT, path), 'utf8').replace(/^(\| SC-(\d+) \|.*) \|[^|]*\|$/gm, (_, start, number) => {
    const found = tests.filter(({ title }) => new RegExp(`\\bSC-${number}\\b`).test(title))
    const cell = found.map(({ title, file }) => `[${wordsOf(title)}](../${file})`).join('; ')
    return `${start} |${cell === '' ? '' : ` ${cell}`} |`
  })
}

const wordsOf = (title: string) => title.replace(/\bSC-\d+ ?/g, '').replace(/[|[\]]/g, '')

function testTitles(): { title: string; file: string }[] {
  return ['src', 'simulators', 'test', 'web/src', 'examples'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.test\.tsx?$/.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
      .flatMap(path =>
        [...readFileSync(path, 'utf8').matchAll(/(['"`])(SC-\d.*?)\1/g)].map(match => ({
          title: match[2] ?? '',
          file: relative(ROOT, path).replaceAll('\\', '/'),
        })),
      ),
  )
}
