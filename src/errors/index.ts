export { DomainError, NotFoundError, type ErrorExtras, type ErrorKind } from './domain-error.js';
export { StartError } from './start-error.js';
