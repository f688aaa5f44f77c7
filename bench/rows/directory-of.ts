import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from '../subjects/service.js';

/** Where the workspace of a message with a live kernel lies; found by a file that only it has. */
export async function directoryOf({ admin, process, api }: Service, message_id: string): Promise<string> {
  const marker = `marker-${Date.now()}.tmp~`;
  await api.run(`open('${marker}', 'w').close()`, { message_id });
  const { body } = await admin.get<{ items: { directory: string }[] }>('/admin/kernels?limit=200');
  for (const { directory } of body.items) {
    const path = join(process.directory, 'workspaces', directory);
    const found = await stat(join(path, marker)).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`The directory of ${message_id} was not found.`);
}
