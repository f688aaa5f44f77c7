import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';

const FILES = ['sales.csv', 'sales.xlsx'];
const BYTES = 5_000;

/** Workspaces that nobody used for a month, with two files each as their manifest has them; null: directories only. */
export async function makeExpiredWorkspaces(
  database: DataSource | null,
  root: string,
  count: number,
): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o711 });
  for (let number = 0; number < count; number += 1) {
    const directory = randomBytes(16).toString('hex');
    await mkdir(join(root, directory), { mode: 0o700 });
    const id = randomUUID();
    if (database) await database.query(WORKSPACE, [id, `expired-${number}`, directory, BYTES * FILES.length]);
    for (const name of FILES) await makeFile(database, id, join(root, directory), name);
  }
}

async function makeFile(
  database: DataSource | null,
  id: string,
  directory: string,
  name: string,
): Promise<void> {
  const content = randomBytes(BYTES);
  const path = join(directory, name);
  await writeFile(path, content, { mode: 0o644 });
  if (!database) return;
  const { mtimeNs, ctimeNs, ino, mode } = await stat(path, { bigint: true });
  const stamps = [mtimeNs, ctimeNs, ino].map(String);
  await database.query(ENTRY, [
    ...[id, sha256(Buffer.from(name)), Buffer.from(name), BYTES, Number(mode & 0o7777n)],
    ...[...stamps, sha256(content)],
  ]);
}

function sha256(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}

const WORKSPACE = `
  INSERT INTO workspaces (id, user_id, kind, external_id, state, directory, generation, bytes, file_count, last_used_at)
  VALUES ($1, 'bench', 'message', $2, 'active', $3, 1, $4, 2, now() - interval '30 days')`;

const ENTRY = `
  INSERT INTO workspace_entries (workspace_id, path_sha256, path, origin, size, mode, mtime_ns, ctime_ns, inode, racy, sha256)
  VALUES ($1, $2, $3, 'generated', $4, $5, $6, $7, $8, false, $9)`;
