import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** For `npm run check`: the same test without the database that the others need. */
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: { include: ['test/tidy.test.ts'] },
})
