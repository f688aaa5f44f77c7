import { run } from '../../src/main.js';

// Program of its own, to be stopped and killed: the service as `npm start` runs it, from the sources.
await run();
