import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  root: here,
  resolve: { alias: { '@shared': `${here}src/shared` } },
  // The page's content security policy allows its own files only: nothing inline, nothing as data.
  build: {
    outDir: `${here}dist`,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // the map library, loaded with the map page
    rolldownOptions: {
      checks: { pluginTimings: false }, // a busy machine is no fault of the build
      output: {
        // The map's worker is a plain asset here; servers know the type of .js, not all know .mjs.
        assetFileNames: (asset) => (asset.names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]'),
      },
    },
  },
})
