export { DomainError, NotFoundError, type ErrorExtras, type ErrorKind } from './domain-error.js';
