import { DomainError } from '../errors/index.js';

/** The lease of a workspace went to somebody else while this process was busy or away. */
export class LeaseLostError extends DomainError {
  constructor() {
    super(
      'unavailable',
      'lease_lost',
      'Another instance of the service took this workspace over. What it found is kept; try again.',
      { retryAfterSeconds: 1 },
    );
  }
}

/** The workspace is in use and the operation does not wait for it. */
export class WorkspaceBusyError extends DomainError {
  constructor() {
    super(
      'conflict',
      'workspace_busy',
      'Code is running in this workspace. Wait for it or stop it, then try again.',
      {
        retryAfterSeconds: 1,
      },
    );
  }
}
