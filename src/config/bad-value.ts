/**
 * A raw value that its kind does not accept. `message` completes the sentence "The value …" and never
 * contains the value, so that it is safe for secrets too.
 */
export class BadValue extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = BadValue.name;
  }
}
