import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ValidateBy, buildMessage, type ValidationOptions } from 'class-validator';
import { DomainError } from '../errors/index.js';

/** Visible characters and the plain space: no controls, no line or format characters, no lone surrogates. */
const printable = /^(?:[^\p{C}\p{Z}]| ){1,255}$/u;

const requirement = '1 to 255 printable characters, and not "." or ".."';

/** An id that a client made (of a message, a chat, a user): any printable text that also fits into a path. */
export function isExternalId(value: unknown): value is string {
  // A browser resolves "." and ".." away, so they could never be asked for.
  return typeof value === 'string' && printable.test(value) && value !== '.' && value !== '..';
}

/** class-validator's face of {@link isExternalId}. */
export function IsExternalId(options?: ValidationOptions): PropertyDecorator {
  const message = buildMessage((prefix) => `${prefix}$property must be ${requirement}`, options);
  return ValidateBy(
    { name: 'isExternalId', validator: { validate: isExternalId, defaultMessage: message } },
    options,
  );
}

/** OpenAPI's words for an external id. */
export const externalIdSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  // Only controls are told here: not every reader of the document knows Unicode's classes.
  pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F]+$',
} as const;

class ExternalIdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly name: string) {}

  transform(value: unknown): string {
    if (isExternalId(value)) return value;
    const message = `${this.name} must be ${requirement}.`;
    throw new DomainError('invalid', 'invalid_id', message, {
      details: { errors: [{ field: this.name, message }] },
    });
  }
}

/** A path parameter that is an external id, e.g. `@ExternalIdParam('message_id') messageId: string`; else 400. */
export function ExternalIdParam(name: string): ParameterDecorator {
  return (target, method, index) => {
    Param(name, new ExternalIdPipe(name))(target, method, index);
    describeParameter(target, method, { name, schema: externalIdSchema });
  };
}

/** Adds a path parameter to the document of the method that a parameter decorator stands in. */
export function describeParameter(
  target: object,
  method: string | symbol | undefined,
  options: Parameters<typeof ApiParam>[0],
): void {
  const descriptor = method === undefined ? undefined : Object.getOwnPropertyDescriptor(target, method);
  if (method !== undefined && descriptor !== undefined) ApiParam(options)(target, method, descriptor);
}
