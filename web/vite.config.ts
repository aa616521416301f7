import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import manifest from '../package.json' with { type: 'json' }

/** The browsers that have native dialogs, popovers and `light-dark()`, which this page uses instead of libraries. */
const BROWSERS = ['chrome125', 'firefox128', 'safari17.5']

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
  },
})
