import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Public } from './access.decorators.js';
import { AuthGuard } from './auth.guard.js';
import type { Authenticator } from './authenticator.js';
import { InvalidCredentialsError } from './auth.errors.js';

class Routes {
  @Public()
  open(): void {
    // Only its metadata matters.
  }

  closed(): void {
    // Only its metadata matters.
  }
}

/** Asks the guard about a route, for a request whose credentials fail with an error. */
async function ask(route: 'open' | 'closed', error: Error): Promise<boolean> {
  const authenticator = { identify: async () => await Promise.reject(error) } as unknown as Authenticator;
  const request = { headers: { authorization: 'Bearer x' } };
  const context = {
    getHandler: () => new Routes()[route],
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  return await new AuthGuard(new Reflector(), authenticator).canActivate(context);
}

const refused = new InvalidCredentialsError('invalid_token', 'no');
const databaseGone = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const mistake = new TypeError('undefined is not a function');

describe('AuthGuard', () => {
  it.each([
    ['are bad', refused],
    ['cannot be checked', databaseGone],
  ])('lets everybody to public routes when credentials %s', async (_what, error) => {
    expect(await ask('open', error)).toBe(true);
  });

  it.each([
    ['credentials are bad', refused],
    ['credentials cannot be checked', databaseGone],
    ['we made a mistake', mistake],
  ])('keeps other routes closed when %s', async (_what, error) => {
    await expect(ask('closed', error)).rejects.toBe(error);
  });

  it('hides no mistake of ours', async () => {
    await expect(ask('open', mistake)).rejects.toBe(mistake);
  });
});
