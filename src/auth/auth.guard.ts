import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { databaseProblem } from '../database/index.js';
import { DomainError } from '../errors/index.js';
import { accessMetadata, type Access } from './access.decorators.js';
import { Authenticator } from './authenticator.js';
import { rememberIdentity, type Identity } from './identity.js';

/** Stands before every route: closed, unless a decorator says otherwise. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(accessMetadata, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') {
      await this.recognise(request);
      return true;
    }
    const identity = await this.authenticator.identify(request);
    admit(identity, access);
    rememberIdentity(request, identity);
    return true;
  }

  /**
   * A public route works whatever credentials come along, and while nobody can check them: a probe asks for
   * readiness just when the database is gone.
   */
  private async recognise(request: Request): Promise<void> {
    if (request.headers.authorization === undefined) return;
    try {
      rememberIdentity(request, await this.authenticator.identify(request));
    } catch (error) {
      if (!(error instanceof DomainError) && databaseProblem(error) === null) throw error;
    }
  }
}

function admit(identity: Identity, access: Access | undefined): void {
  if (access === 'service') {
    if (identity.via === 'service_key') return;
    throw new DomainError('forbidden', 'service_key_only', 'Only a service key may do this.');
  }
  if (access === 'admin' && identity.caller?.role !== 'admin')
    throw new DomainError('forbidden', 'admin_only', 'Only an admin may do this.');
  if (identity.caller === null)
    throw new DomainError(
      'invalid',
      'user_id_required',
      'A service key acts for a user: name the user in the header X-User-Id.',
    );
}
