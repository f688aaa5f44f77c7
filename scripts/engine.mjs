import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { program } from './setup/program.mjs';

/** Sets up as `npm start` does, then becomes the engine alone: what several API processes share under JUPYTER_URL. */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  process.chdir(root);
  const { build } = await ensureSetup({
    command: 'npm run engine',
    python: true,
    ownEngine: true,
    rooms: true,
    build: true,
  });
  const engine = /** @type {{run: () => Promise<void>}} */ (
    await import(pathToFileURL(join(build, 'engine.js')).href)
  );
  await engine.run();
});
