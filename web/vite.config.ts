import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import manifest from '../package.json' with { type: 'json' }

/** The browsers that have native dialogs, popovers and `light-dark()`, which this page uses instead of libraries. */
const BROWSERS = ['chrome125', 'firefox128', 'safari17.5']

/** What signs in and opens the stream, before anything can be shown. */
const FIRST = /vite[\\/]preload-helper|src[\\/](feed[\\/](feed|folds|frames)|session[\\/](api|early|problem|session)|show[\\/]clock)\.ts/
/** What every page needs. */
const SHELL =
  /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-router|router-core|history|react-store|store))[\\/]|src[\\/](ui[\\/](announcer|flyout|icon|panel|segment)|show[\\/](clock|decimal|now|number|show|time)|feed[\\/](?!worker|conflate|backoff)|settings|session[\\/]use-session|text[\\/](en|message|text)\.|shell[\\/](?!kill-dialog|lift-dialog|hold|palette|help))/
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

/** What is asked for together with the page itself: the shell, and the page that most people open, without its pictures. */
const ASKED_FIRST = ['src/main.tsx', 'src/pages/trade/trade.tsx']

/** Names the files of `ASKED_FIRST` in the page, so that they come in one round trip instead of three. */
function askedFirst(): Plugin {
  return {
    name: 'asked-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter(file => file.type === 'chunk')
        const files = new Set<string>()
        const add = (fileName: string): void => {
          if (files.has(fileName) || html.includes(fileName)) return
          files.add(fileName)
          for (const next of chunks.find(chunk => chunk.fileName === fileName)?.imports ?? []) add(next)
        }
        for (const name of ASKED_FIRST) {
          const chunk = chunks.find(one => one.facadeModuleId?.replaceAll('\\', '/').endsWith(name))
          if (!chunk) throw new Error(`${name} is no chunk`)
          add(chunk.fileName)
        }
        return [...files].map(file => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
          injectTo: 'head' as const,
        }))
      },
    },
  }
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed(), askedFirst()],
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
            { name: 'first', test: FIRST, priority: 4 },
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
