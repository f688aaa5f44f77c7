import { InvalidCredentialsError, IdentityProviderUnavailableError } from './auth.errors.js';
import { FailedAttempts, networkOf } from './failed-attempts.js';

const address = '192.0.2.1';
const good = async () => await Promise.resolve('alice');
const bad = async () => await Promise.reject(new InvalidCredentialsError('invalid_token', 'no'));

async function failTimes(failures: FailedAttempts, count: number) {
  for (let i = 0; i < count; i += 1)
    await expect(failures.guard(address, `bad${i}`, bad)).rejects.toMatchObject({ kind: 'unauthenticated' });
}

describe('failed authentications', () => {
  it('close an address after their limit, and tell when to come again', async () => {
    const failures = new FailedAttempts(3);
    await failTimes(failures, 3);
    const attempt = failures.guard(address, 'bad again', bad);
    await expect(attempt).rejects.toMatchObject({ kind: 'too_many', retryAfterSeconds: expect.any(Number) });
  });

  it('do not try what an address over its limit sends', async () => {
    const failures = new FailedAttempts(1);
    await failTimes(failures, 1);
    let tried = false;
    const attempt = async () => {
      tried = true;
      return await good();
    };
    await expect(failures.guard(address, 'guess', attempt)).rejects.toMatchObject({ kind: 'too_many' });
    expect(tried).toBe(false);
  });

  it('do not lock out who was good lately behind the same address', async () => {
    const failures = new FailedAttempts(3);
    await failures.guard(address, 'token', good);
    await failTimes(failures, 3);
    expect(await failures.guard(address, 'token', good)).toBe('alice');
  });

  it('do not close other addresses', async () => {
    const failures = new FailedAttempts(1);
    await failTimes(failures, 1);
    expect(await failures.guard('192.0.2.2', 'token', good)).toBe('alice');
  });

  it('are not those that nobody can be blamed for', async () => {
    const failures = new FailedAttempts(1);
    const down = async () => await Promise.reject(new IdentityProviderUnavailableError(new Error('down')));
    await expect(failures.guard(address, 'a', down)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await failures.guard(address, 'b', good)).toBe('alice');
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('of %s is %s', (given, network) => {
    expect(networkOf(given)).toBe(network);
  });
});
