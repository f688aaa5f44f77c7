import { createApp } from '../../src/bootstrap.js';
import { loadConfig } from '../../src/config/index.js';
import { ArtifactStore, ArtifactSweep } from '../../src/storage/index.js';
import { DataSource } from 'typeorm';

export interface StoredContent {
  /** Hashes, sorted: the content that is stored, the rows that say so, and what files point at. */
  stored: string[];
  rows: string[];
  used: string[];
  /** Files left in the staging directory. */
  staged: number;
}

/** What a sweep that spares nothing leaves. The service must not run. */
export async function contentAfterSweep(env: Readonly<Record<string, string>>): Promise<StoredContent> {
  const app = await createApp(loadConfig({ env: { ...env, LOG_LEVEL: 'error' }, file: null }));
  try {
    const report = await app.get(ArtifactSweep).run({ unusedForSeconds: 0, abandonedForSeconds: 0 });
    expect(report.failed).toBe(0);
    const stored: string[] = [];
    for await (const { sha256 } of app.get(ArtifactStore).list()) stored.push(sha256);
    const hashes = async (table: string): Promise<string[]> => {
      const rows = await app
        .get(DataSource)
        .query<{ hash: string }[]>(
          `SELECT DISTINCT encode(sha256, 'hex') AS hash FROM ${table} ORDER BY hash`,
        );
      return rows.map(({ hash }) => hash);
    };
    const [rows, used] = [await hashes('artifacts'), await hashes('files')];
    return { stored: stored.sort(), rows, used, staged: report.staged };
  } finally {
    await app.close();
  }
}
