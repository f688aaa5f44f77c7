import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../http/index.js';
import type { Caller } from './caller.js';
import { identityOf, type ServiceIdentity } from './identity.js';

/** Who may use a route; without a decorator, every caller. */
export type Access = 'public' | 'admin' | 'service';

export const accessMetadata = 'mntdata:access';

/** No credentials needed; those that are sent and good still tell the handler who asks ({@link OptionalCaller}). */
export function Public(): MethodDecorator & ClassDecorator {
  return access('public');
}

/** Admins only; others get 403. */
export function AdminOnly(): MethodDecorator & ClassDecorator {
  return applyDecorators(access('admin'), ApiProblems(403));
}

/** Service keys only, also without `X-User-Id`; others get 403. */
export function ServiceKeyOnly(): MethodDecorator & ClassDecorator {
  return applyDecorators(access('service'), ApiProblems(403));
}

/** The document carries the same word as `x-access`, so that the two cannot differ. */
function access(value: Access): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(accessMetadata, value), ApiExtension('x-access', value));
}

/** The user on whose behalf the request runs; not for public routes. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callerIn(context);
  if (caller === null) throw new Error('CurrentCaller stands in a route that has no caller.');
  return caller;
});

/** On public routes: who asks, or null when nobody said so credibly. */
export const OptionalCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | null => callerIn(context),
);

/** The service key of a {@link ServiceKeyOnly} route. */
export const CurrentService = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ServiceIdentity => {
    const identity = identityOf(context.switchToHttp().getRequest<Request>());
    if (identity?.via !== 'service_key') throw new Error('CurrentService stands in a route of no service.');
    return identity;
  },
);

function callerIn(context: ExecutionContext): Caller | null {
  return identityOf(context.switchToHttp().getRequest<Request>())?.caller ?? null;
}
