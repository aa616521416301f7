import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A file of the market data beside the project. @throws Error saying where it was looked for */
export function sharedFile(path: string): string {
  const file = join(process.env.BOURSE_SHARED ?? resolve(import.meta.dirname, '../../shared'), path)
  if (!existsSync(file)) throw new Error(`this bench needs ${file}; BOURSE_SHARED names another folder`)
  return file
}
