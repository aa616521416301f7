import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where a file of the market data beside the project is, or would be. */
export const sharedPath = (path: string): string =>
  join(process.env.BOURSE_SHARED ?? resolve(import.meta.dirname, '../../shared'), path)

/** The same. @throws Error saying where it was looked for */
export function sharedFile(path: string): string {
  const file = sharedPath(path)
  if (!existsSync(file)) throw new Error(`this bench needs ${file}; BOURSE_SHARED names another folder`)
  return file
}
