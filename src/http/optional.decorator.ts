import { ValidateIf } from 'class-validator';

/**
 * The field may be left out. Unlike class-validator's `IsOptional` it does not let `null` through: a client that
 * sends `null` hears which kind of value was expected.
 */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** The field may be `null`. Document it with `nullable: true`. */
export function Nullable(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== null);
}
