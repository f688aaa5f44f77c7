import { DomainError } from '../../errors/index.js';
import type { KernelDeath } from './kernel.js';

/** The engine is down, cannot be reached, or did not answer in time. */
export class EngineUnavailableError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'engine_unavailable', message, { cause, retryAfterSeconds: 5 });
  }
}

/** The engine refused a kernel, or it died while starting. */
export class KernelStartError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'kernel_start_failed', message, { cause, retryAfterSeconds: 5 });
  }
}

/** As many kernels live at the engine as may, those of other clients counted. */
export class EngineFullError extends DomainError {
  constructor() {
    const message = 'All places for kernels are taken. Try again shortly.';
    super('unavailable', 'kernels_full', message, { retryAfterSeconds: 5 });
  }
}

/** The kernel is gone; `death` says why. An execution turns it into a result, not into an HTTP error. */
export class KernelDiedError extends DomainError {
  constructor(readonly death: KernelDeath) {
    super('unavailable', 'kernel_died', death.message);
  }
}
