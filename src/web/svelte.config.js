import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Styles live in style sheets that shadow roots adopt (styles/sheets.ts): a strict CSP refuses `<style>` elements. */
export default {
  preprocess: vitePreprocess({ style: false }),
  compilerOptions: { runes: true },
};
