import { SignJWT, UnsecuredJWT } from 'jose';
import type { Credentials } from './decision.js';

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

/** A token as the configured issuer (HS256) makes it. */
export async function aToken(
  sub: string,
  secret: string,
  claims: Record<string, unknown> = {},
): Promise<string> {
  return await new SignJWT({ sub, exp: inAnHour(), ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

export function bearer(token: string): Credentials {
  return { Authorization: `Bearer ${token}` };
}

/**
 * Headers of those whom every closed operation must refuse with 401. All of them claim to be the owner, and an
 * admin too.
 */
export async function impostors(owner: string, secret: string): Promise<Record<string, Credentials>> {
  const claims = { sub: owner, role: 'admin', exp: inAnHour() };
  const good = await aToken(owner, secret, { role: 'admin' });
  const otherSecret = await aToken(owner, 'x'.repeat(32), { role: 'admin' });
  const expired = await aToken(owner, secret, { role: 'admin', exp: inAnHour() - 7200 });
  const [header = '', payload = ''] = good.split('.');
  return {
    nobody: {},
    'a broken token': { Authorization: `Bearer ${good.slice(0, -5)}` },
    'no token at all': { Authorization: 'Bearer nonsense' },
    'an expired token': { Authorization: `Bearer ${expired}` },
    'a wrongly signed token': { Authorization: `Bearer ${otherSecret}` },
    'a token of alg none': { Authorization: `Bearer ${new UnsecuredJWT(claims).encode()}` },
    'a token without its signature': { Authorization: `Bearer ${header}.${payload}.` },
    'an API key that nobody made': { Authorization: `Bearer mnt_${'A'.repeat(43)}` },
    'another scheme': { Authorization: `Basic ${Buffer.from(`${owner}:${secret}`).toString('base64')}` },
  };
}
