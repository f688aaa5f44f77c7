/** A set-up that cannot go on for a reason its user can mend: printed as it is, without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}
