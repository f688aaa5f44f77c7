import { S3ServiceException } from '@aws-sdk/client-s3';
import { DomainError } from '../errors/index.js';
import { asStorageError, StorageFullError, StorageUnavailableError } from './storage.errors.js';

/** What S3 and the servers that speak like it answer when there is no room: quotas, full disks. */
const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity', 'EntityTooLarge']);

export function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

/**
 * Failures of S3 in the words of the domain. Those of the file system keep their meaning; whatever else goes
 * wrong on the way to a server (refused, cut, timed out, forbidden) means that it does not answer.
 */
export function asS3Failure(error: unknown): unknown {
  if (error instanceof DomainError || error instanceof TypeError) return error;
  if (error instanceof S3ServiceException) {
    const isFull = FULL.has(error.name) || error.$metadata.httpStatusCode === 507;
    return isFull ? new StorageFullError(error) : new StorageUnavailableError(error);
  }
  const known = asStorageError(error);
  return known === error ? new StorageUnavailableError(error) : known;
}
