import { StartError } from '../errors/index.js';

/** The configuration cannot be used; the message lists every problem with its key, one to a line. */
export class ConfigurationError extends StartError {
  constructor(readonly problems: readonly string[]) {
    super(['The configuration is not usable:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = ConfigurationError.name;
  }
}
