import type { StoredFile } from '../files/index.js';
import type { ArtifactsService } from '../storage/index.js';
import type { Content } from './content-response.js';

/** The bytes of a file, and what a client is told of them. */
export function contentOf(file: StoredFile, artifacts: ArtifactsService): Content {
  const sha256 = file.sha256.toString('hex');
  return {
    name: file.name,
    mimeType: file.mimeType,
    size: file.size,
    sha256,
    modifiedAt: file.createdAt,
    open: (range) => artifacts.open(sha256, range),
  };
}
