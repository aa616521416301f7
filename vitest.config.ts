import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'simulators/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'web/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'web/dist/**', 'data/**'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // One more than the two processors of a small machine: many tests wait for other processes.
    maxWorkers: 3,
    // A worker loads a module once, not once a file: half the time of a run was spent on loading. No test may leave a global changed.
    isolate: false,
    // Bounds, not expectations: a right test must pass on a slow machine too.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
