import { join } from 'node:path';
import type { AppConfig } from '../config/index.js';
import { ArtifactCache } from './artifact-cache.js';
import type { ArtifactStore } from './artifact-store.port.js';
import { DiskArtifactStore } from './disk-artifact-store.adapter.js';

/** The store that the configuration names, ready for use. */
export async function openStore({ data, storage }: AppConfig): Promise<ArtifactStore> {
  const store =
    storage.driver === 'disk' ? diskStore(data.dir, 'artifacts') : await s3Store(data.dir, storage);
  await store.prepare();
  return store;
}

function diskStore(dataDirectory: string, name: string): ArtifactStore {
  return new DiskArtifactStore({
    root: join(dataDirectory, name),
    stagingDirectory: join(dataDirectory, 'staging'),
  });
}

async function s3Store(dataDirectory: string, settings: AppConfig['storage']): Promise<ArtifactStore> {
  // Who keeps files on disk does not pay for loading the SDK.
  const { S3ArtifactStore } = await import('./s3-artifact-store.adapter.js');
  const copies = diskStore(dataDirectory, 'cache');
  const { bucket, prefix, region, endpoint, accessKeyId, secretAccessKey } = settings;
  return new S3ArtifactStore(copies.stagingDirectory, new ArtifactCache(copies, settings.cacheBytes), {
    bucket: bucket ?? '',
    prefix: prefix === null ? '' : `${prefix.replace(/^\/+|\/+$/g, '')}/`,
    region,
    endpoint,
    credentials: accessKeyId !== null && secretAccessKey !== null ? { accessKeyId, secretAccessKey } : null,
  });
}
