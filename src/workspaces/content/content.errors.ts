import { DomainError } from '../../errors/index.js';

/** The workspace helper does not run or does not answer; what it was doing may or may not have happened. */
export class HelperUnavailableError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'workspace_helper_unavailable', message, { cause, retryAfterSeconds: 1 });
  }
}

/** The directory of a workspace was removed by someone else. */
export class WorkspaceMissingError extends DomainError {
  constructor() {
    super('unavailable', 'workspace_missing', 'The directory of this workspace is gone; run again.');
  }
}

/** The error of an operation that failed, by the helper's code. */
export function helperFailure(code: string, message: string): Error {
  switch (code) {
    case 'workspace_missing':
      return new WorkspaceMissingError();
    case 'no_space':
      return new DomainError('storage_full', 'storage_full', message);
    case 'invalid_request':
      return new TypeError(message);
    default:
      return new DomainError('unavailable', 'workspace_operation_failed', message);
  }
}
