// JavaScript, because a worker thread starts from a file: the same one from `src` in tests and from `dist`.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** @import { BackendData, BackendReply, BackendRequest } from './backend-messages.js' */

const { directory } = /** @type {BackendData} */ (workerData);

/**
 * Opens the database. A new one is made beside its place and moved there when it is whole: killed in the
 * middle of the first start, a half-made one would be taken for a database ever after.
 */
async function open() {
  if (directory === null) return await PGlite.create();
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    if (existsSync(directory) && readdirSync(directory).length > 0)
      throw new Error('it holds something else');
    const unfinished = `${directory}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    const fresh = await PGlite.create({ dataDir: unfinished });
    await fresh.close();
    renameSync(unfinished, directory);
  }
  return await PGlite.create({ dataDir: directory });
}

/** @param {BackendReply} message @param {ArrayBuffer[]} [handedOver] */
function reply(message, handedOver = []) {
  parentPort?.postMessage(message, handedOver);
}

/** @param {PGlite} database @param {BackendRequest} request */
async function answer(database, request) {
  if (request.kind === 'close') {
    await database.close();
    return new Uint8Array();
  }
  return await database.execProtocolRaw(request.bytes);
}

/** @param {number} id @param {() => Promise<Uint8Array>} work */
async function settle(id, work) {
  try {
    // Copied: answers to small requests may be views into the database's own buffer.
    const bytes = new Uint8Array(await work());
    reply({ id, bytes }, [bytes.buffer]);
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** @type {PGlite | undefined} */
let database;
await settle(0, async () => {
  database = await open();
  return new Uint8Array();
});
parentPort?.on('message', (/** @type {BackendRequest} */ request) => {
  if (database !== undefined) void settle(request.id, answer.bind(null, database, request));
});
