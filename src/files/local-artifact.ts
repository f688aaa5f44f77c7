import { ContentMissingError, type ArtifactsService } from '../storage/index.js';

/** Absolute path of a local file with this content, or null when the storage lost it. */
export async function localArtifact(artifacts: ArtifactsService, hash: Buffer): Promise<string | null> {
  try {
    return await artifacts.localFile(hash.toString('hex'));
  } catch (error) {
    if (error instanceof ContentMissingError) return null;
    throw error;
  }
}
