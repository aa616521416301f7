import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import manifest from '../package.json' with { type: 'json' }

/** The browsers that have native dialogs, popovers and `light-dark()`, which this page uses instead of libraries. */
const BROWSERS = ['chrome125', 'firefox128', 'safari17.5']

/** What every page needs. */
const SHELL =
  /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-router|router-core|history|react-store|store))[\\/]|src[\\/](ui[\\/](announcer|flyout|icon|panel|segment)|show[\\/](clock|decimal|now|number|show|time)|feed[\\/](?!worker|conflate|backoff)|settings|session[\\/](api|problem|session)|text[\\/](en|message|text)|shell[\\/](?!kill-dialog|lift-dialog|hold|palette|help))/
/** What most pages need. */
const DESK = /node_modules[\\/]@tanstack[\\/]|src[\\/](ui[\\/](csv|stale|table|tabs)|session[\\/]queries|pages[\\/]shared[\\/](?!line|equity-panel|order-sheet))/

const WORTH_IT_BYTES = 1_000

/** Writes each text file a second and a third time, compressed, so that the server does it for no request. */
function compressed(): Plugin {
  let folder = ''
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir)
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true }) as string[]) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue
        const bytes = readFileSync(join(folder, name))
        if (bytes.length < WORTH_IT_BYTES) continue
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }))
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  define: { __BUILD__: JSON.stringify(manifest.version) },
  worker: { format: 'es' },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:7070', ws: true } } },
  build: {
    target: BROWSERS,
    cssTarget: BROWSERS,
    /** Nothing as a data: address, so that the content security policy needs none. */
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // Few files rather than many small ones: on a slow line each costs a round trip.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'shell', test: SHELL, priority: 3 },
            { name: 'candlesticks', test: /node_modules[\\/](lightweight-charts|fancy-canvas)[\\/]/, priority: 2 },
            { name: 'line', test: /node_modules[\\/]uplot[\\/]/, priority: 2 },
            { name: 'desk', test: DESK, priority: 1 },
          ],
        },
      },
    },
  },
})
