import { DomainError } from '../errors/index.js';

/** The row exists, its bytes do not: somebody removed them behind the service's back. */
export class ContentMissingError extends DomainError {
  constructor(sha256: string, cause?: unknown) {
    super('gone', 'content_missing', `The stored content ${sha256} is no longer in the storage.`, {
      details: { sha256 },
      cause,
    });
  }
}

export class ContentTooLargeError extends DomainError {
  constructor(maxBytes: number) {
    super('too_large', 'content_too_large', `The content is larger than ${String(maxBytes)} bytes.`, {
      details: { max_bytes: maxBytes },
    });
  }
}

export class StorageFullError extends DomainError {
  constructor(cause?: unknown) {
    super(
      'storage_full',
      'storage_full',
      'The storage has no space left; delete files or ask an administrator.',
      {
        cause,
      },
    );
  }
}

export class StorageUnavailableError extends DomainError {
  constructor(cause?: unknown) {
    super('unavailable', 'storage_unavailable', 'The file storage does not answer; try again shortly.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const UNAVAILABLE = new Set([
  'EACCES',
  'EBUSY',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
  'ESTALE',
  'ETIMEDOUT',
]);

/** The `code` of a system error, or null. */
export function systemErrorCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** Failures of the file system in the words of the domain; anything else comes back as it is. */
export function asStorageError(error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === null || error instanceof DomainError) return error;
  if (FULL.has(code)) return new StorageFullError(error);
  if (UNAVAILABLE.has(code)) return new StorageUnavailableError(error);
  return error;
}
