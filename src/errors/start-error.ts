/**
 * Why the service cannot start, in a sentence for who starts it: what is wrong, with what, and what to do. It is told
 * without a stack (`scripts/setup/program.mjs`); any other error during a start is a defect.
 */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = StartError.name;
  }
}
