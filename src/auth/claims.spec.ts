import { claimOf, roleOf } from './claims.js';

describe('claims', () => {
  it('are found by name before they are found by path', () => {
    expect(claimOf({ sub: 'a' }, 'sub')).toBe('a');
    expect(claimOf({ realm_access: { roles: ['admin'] } }, 'realm_access.roles')).toEqual(['admin']);
    const name = 'https://example.org/role';
    expect(claimOf({ [name]: 'admin', 'https://example': {} }, name)).toBe('admin');
  });

  it.each(['nothing', 'sub.length', 'constructor.name', '__proto__.x', 'a.b.c'])('lack %s', (name) => {
    expect(claimOf({ sub: 'a', a: null }, name)).toBeUndefined();
  });

  it.each([['admin'], [['user', 'admin']], ['user admin']])('make an admin of %j', (claim) => {
    expect(roleOf(claim)).toBe('admin');
  });

  it.each([
    ['Admin'],
    ['administrator'],
    ['not-admin'],
    [['admins']],
    [[['admin']]],
    [{ admin: true }],
    [true],
    [null],
    [undefined],
  ])('make a user of %j', (claim) => {
    expect(roleOf(claim)).toBe('user');
  });
});
