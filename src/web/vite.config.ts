import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/**
 * One build: `mnt-panel.js` for any page, and our own pages, which use the same file. Whatever is heavy is a chunk
 * of its own, loaded on demand. All addresses are relative, so that foreign origins and path prefixes work.
 */
export default defineConfig({
  root,
  plugins: [svelte({ configFile: `${root}/svelte.config.js` })],
  build: {
    outDir: `${root}/../../dist/panel`,
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 6000,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        index: `${root}/index.html`,
        frame: `${root}/frame.html`,
        'mnt-panel': `${root}/mnt-panel.ts`,
      },
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: ({ name }) => (name === 'mnt-panel' ? 'mnt-panel.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  experimental: {
    // The page is served at `/` and `/admin`, the frame beside its assets in `/panel/`.
    renderBuiltUrl: (filename, { hostType, hostId }) =>
      hostType === 'html' ? (hostId === 'index.html' ? `panel/${filename}` : filename) : { relative: true },
  },
});
