import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Engine } from '../execution/index.js';
import { ArtifactStore } from '../storage/index.js';
import { FilesystemProbe } from './filesystem-probe.service.js';
import type { PartState } from './part-state.js';

const DEADLINE_MS = 5_000;

/** Looks at each part that runs need. */
@Injectable()
export class PartsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly engine: Engine,
    private readonly store: ArtifactStore,
    private readonly probe: FilesystemProbe,
  ) {}

  async check(): Promise<Record<string, PartState>> {
    const [database, engine, storage, workspace] = await Promise.all([
      state(async () => {
        await this.dataSource.query('SELECT 1');
        return 'It answers.';
      }),
      this.engine.health(),
      state(async () => {
        await this.store.check();
        return 'It takes and gives bytes.';
      }),
      this.probe.last(),
    ]);
    return { database, engine, storage, workspace };
  }
}

async function state(check: () => Promise<string>): Promise<PartState> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('It did not answer in time.')), DEADLINE_MS).unref();
  });
  try {
    return { ok: true, detail: await Promise.race([check(), late]) };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
