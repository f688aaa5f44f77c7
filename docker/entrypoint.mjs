import { secretSettings } from './secret-settings.mjs';

/** `start` becomes the service, `engine` the engine alone, as `npm start` and `npm run engine` do. */
const programs = /** @type {Readonly<Record<string, () => Promise<unknown>>>} */ ({
  start: () => import('../scripts/start.mjs'),
  engine: () => import('../scripts/engine.mjs'),
});

const [name = 'start'] = process.argv.slice(2);
const become = programs[name];
if (!become) {
  console.error(
    `${JSON.stringify(name)} is nothing that this image runs: ${Object.keys(programs).join(', ')}.`,
  );
  process.exit(2);
}
// What the environment says wins.
process.env = { ...secretSettings('/run/secrets'), ...process.env };
await become();
