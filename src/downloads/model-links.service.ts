import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DomainError } from '../errors/index.js';
import { FilesService, type StoredFile } from '../files/index.js';
import { pathsOfLink } from './model-link.js';

/** Finds the file that a link in a model's answer means. */
@Injectable()
export class ModelLinksService {
  constructor(private readonly files: FilesService) {}

  /**
   * The latest version of the likeliest path that the message has a file at.
   * @throws DomainError `link_not_resolved`
   */
  async resolve(userId: string, messageId: string, link: string): Promise<StoredFile> {
    const identities = pathsOfLink(link).map((path) => createHash('sha256').update(path).digest());
    const found = identities.length > 0 ? await this.files.latestAt(userId, messageId, identities) : [];
    for (const identity of identities) {
      const file = found.find(({ pathSha256 }) => pathSha256?.equals(identity));
      if (file) return file;
    }
    const message = `Message ${JSON.stringify(messageId)} has no file of yours that this link means.`;
    throw new DomainError('not_found', 'link_not_resolved', message);
  }
}
