import { program } from './setup/program.mjs';

/** `npm run build:panel` builds the browser side into dist/panel, when its sources changed. */
await program(async () => {
  const { ensureSetup } = await import('./setup/index.mjs');
  await ensureSetup({ command: 'npm run build:panel', panel: true });
});
