import { ValidateBy, buildMessage, type ValidationOptions } from 'class-validator';
import { isUserId, isUserName } from './user-id.js';

/** A user's id as a service names it. */
export function IsUserName(options?: ValidationOptions): PropertyDecorator {
  const rule = '1 to 255 printable characters, not "." or "..", without blanks at its ends';
  return textRule('isUserName', rule, isUserName, options);
}

/** A caller's id as this service tells it in `GET /me`. */
export function IsUserId(options?: ValidationOptions): PropertyDecorator {
  return textRule('isUserId', "a user's id as GET /me shows it", isUserId, options);
}

function textRule(
  name: string,
  rule: string,
  validate: (value: unknown) => boolean,
  options: ValidationOptions | undefined,
): PropertyDecorator {
  const defaultMessage = buildMessage((prefix) => `${prefix}$property must be ${rule}`, options);
  return ValidateBy({ name, validator: { validate, defaultMessage } }, options);
}
