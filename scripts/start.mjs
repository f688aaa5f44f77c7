import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { program } from './setup/program.mjs';

/** Sets up whatever is missing or out of date, then becomes the service: no other process, nothing respawns it. */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  process.chdir(root);
  const { build } = await ensureSetup({
    command: 'npm start',
    python: true,
    rooms: true,
    build: true,
    panel: true,
  });
  const service = /** @type {{run: () => Promise<void>}} */ (
    await import(pathToFileURL(join(build, 'main.js')).href)
  );
  await service.run();
});
