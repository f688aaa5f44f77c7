import { run } from '../../src/engine.js';

// Program of its own: the engine as `npm run engine` runs it, from the sources.
await run();
