import {
  isNamespace,
  isServiceUserId,
  isUserId,
  isUserName,
  userIdOfClaim,
  userIdOfService,
} from './user-id.js';

describe("callers' ids", () => {
  it.each(['alice', 'auth0|5f7c8ec7c33c6c004bbafe82', 'alice@example.org', 'Ünï cödé'])(
    'keep %s as it is',
    (name) => {
      expect(userIdOfClaim(name)).toBe(name);
    },
  );

  it("never let an issuer's user become one of a service", () => {
    const victim = userIdOfService('openwebui', 'alice');
    const attempts = ['openwebui:alice', 'openwebui%3Aalice', 'openwebui%3aalice', 'openwebui%253Aalice'];
    for (const claim of attempts) {
      expect(userIdOfClaim(claim)).not.toBe(victim);
      expect(isServiceUserId(userIdOfClaim(claim))).toBe(false);
    }
    expect(new Set(attempts.map(userIdOfClaim)).size).toBe(attempts.length);
  });

  it('never let a service step into the namespace of another', () => {
    expect(isNamespace('a:b')).toBe(false);
    expect(userIdOfService('a', 'b:c')).toBe('a:b:c');
    // The only other way to this id would be a namespace with a colon.
    expect(userIdOfService('a', 'b:c').split(':')[0]).toBe('a');
  });

  it("never let an issuer's user become the local admin of the first start", () => {
    expect(userIdOfClaim('local')).toBe('%6Cocal');
    expect(userIdOfClaim('%6Cocal')).not.toBe('%6Cocal');
  });

  it('fit where an id is checked', () => {
    expect(isUserId(userIdOfService('n'.repeat(63), 'x'.repeat(255)))).toBe(true);
    expect(isUserId(userIdOfClaim(':'.repeat(255)))).toBe(true);
    expect(isUserId('a\nb')).toBe(false);
    expect(isUserId('')).toBe(false);
  });

  it.each(['', ' alice', 'alice ', 'a\0', '.', '..', 'x'.repeat(256), 7, null, undefined, ['alice']])(
    'are not made of %j',
    (name) => {
      expect(isUserName(name)).toBe(false);
    },
  );
});
