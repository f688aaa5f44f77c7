import { Inject, Injectable } from '@nestjs/common';
import { SecretKeys } from '../auth/index.js';
import { AppConfig } from '../config/index.js';
import { signLink, verifyLink, type VerifiedLink } from './download-link.js';
import type { StoredFile } from './file.entity.js';
import { FilesService } from './files.service.js';
import type { LinkMaker } from './file-view.js';

/** Longest life of a link: seven days. */
export const MAX_LINK_SECONDS = 604_800;

/** Signed links: URLs that need no header, for a chat's Markdown and `<img>`. */
@Injectable()
export class LinksService {
  private readonly key: Buffer;
  private address: string | null;

  constructor(
    private readonly files: FilesService,
    keys: SecretKeys,
    @Inject(AppConfig) config: AppConfig,
  ) {
    this.key = keys.derive('links');
    this.address = config.server.publicUrl;
  }

  /** Told once the service listens; `PUBLIC_URL` wins. */
  listeningAt(url: string): void {
    this.address ??= url;
  }

  /** Links that all expire `seconds` from now; undefined stays undefined, for requests without `links`. */
  maker(seconds: number): LinkMaker;
  maker(seconds: number | undefined): LinkMaker | undefined;
  maker(seconds: number | undefined): LinkMaker | undefined {
    if (seconds === undefined) return undefined;
    const expiresAt = new Date(Date.now() + seconds * 1000);
    return (file) => this.make(file, expiresAt);
  }

  make(file: StoredFile, expiresAt: Date): string {
    const token = signLink({ fileId: file.id, generation: file.linkGeneration, expiresAt }, this.key);
    return `${this.address ?? ''}/api/v1/downloads/shared/${token}`;
  }

  /** The link of a stored image; null without an image or without `links`. */
  async ofImage(userId: string, fileId: unknown, seconds: number | undefined): Promise<string | null> {
    if (typeof fileId !== 'string' || seconds === undefined) return null;
    const file = await this.files.find(userId, fileId);
    return file && this.maker(seconds)(file);
  }

  verify(token: string): VerifiedLink | null {
    return verifyLink(token, this.key, new Date());
  }
}
