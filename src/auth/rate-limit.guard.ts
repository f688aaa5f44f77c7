import {
  Injectable,
  SetMetadata,
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ApiProblems } from '../http/index.js';
import { identityOf } from './identity.js';
import { RateLimits } from './rate-limits.service.js';

const rateLimitedMetadata = 'mntdata:rate-limited';

/** The route counts against the caller's `RATE_LIMIT_PER_MINUTE`, one count for all such routes; past it, 429. */
export function RateLimited(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(rateLimitedMetadata, true), ApiProblems(429));
}

/** Runs behind `AuthGuard`, which says whom to count. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(rateLimitedMetadata, targets) !== true)
      return true;
    const caller = identityOf(context.switchToHttp().getRequest<Request>())?.caller;
    if (caller) await this.limits.count(caller.id);
    return true;
  }
}
