import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors/index.js';
import { FilesService, LinksService, type StoredFile } from '../files/index.js';

export interface SharedLink {
  url: string;
  expiresAt: Date;
}

/** Links to single files that need no credentials: made, followed, and taken back. */
@Injectable()
export class SharedFilesService {
  constructor(
    private readonly files: FilesService,
    private readonly links: LinksService,
  ) {}

  /** @throws NotFoundError */
  async share(userId: string, fileId: string, seconds: number): Promise<SharedLink> {
    const file = await this.files.get(userId, fileId);
    const expiresAt = new Date(Date.now() + seconds * 1000);
    return { url: this.links.make(file, expiresAt), expiresAt };
  }

  /**
   * Takes back all links of a file, those in results and lists too.
   * @throws NotFoundError
   */
  async takeBack(userId: string, fileId: string): Promise<void> {
    await this.files.takeLinksBack(userId, fileId);
  }

  /** @throws DomainError `link_not_found` (forged, or its file is deleted), `link_expired`, `link_taken_back` */
  async follow(token: string): Promise<StoredFile> {
    const link = this.links.verify(token);
    const file = link && (await this.files.findShared(link.fileId));
    if (!link || !file) throw new DomainError('not_found', 'link_not_found', 'There is no such link.');
    if (link.expired) {
      throw new DomainError('gone', 'link_expired', `This link expired at ${link.expiresAt.toISOString()}.`);
    }
    if (link.generation !== file.linkGeneration) {
      throw new DomainError('gone', 'link_taken_back', 'The owner has taken this link back.');
    }
    return file;
  }
}
