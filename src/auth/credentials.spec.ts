import type { IncomingMessage } from 'node:http';
import { bearerOf, namedUserOf } from './credentials.js';

function aRequest(headersDistinct: Record<string, string[]>): IncomingMessage {
  return { headersDistinct } as unknown as IncomingMessage;
}

describe('bearerOf', () => {
  it.each(['Bearer abc.def-_1', 'bearer abc.def-_1', 'BEARER   abc.def-_1 '])('reads %j', (authorization) => {
    expect(bearerOf(aRequest({ authorization: [authorization] }))).toBe('abc.def-_1');
  });

  it('asks for credentials when there are none', () => {
    expect(() => bearerOf(aRequest({}))).toThrow(
      expect.objectContaining({ code: 'authentication_required' }),
    );
  });

  it.each([[['']], [['Bearer']], [['Bearer a b']], [['Basic YTpi']], [['abc']], [['Bearer a', 'Bearer b']]])(
    'refuses %j',
    (authorization) => {
      expect(() => bearerOf(aRequest({ authorization }))).toThrow(
        expect.objectContaining({ code: 'invalid_token' }),
      );
    },
  );
});

describe('namedUserOf', () => {
  it('is null without the header', () => {
    expect(namedUserOf(aRequest({}))).toBeNull();
  });

  it.each(['alice', 'a:b', 'zoë', '日本'])('reads %j', (name) => {
    const header = Buffer.from(name).toString('latin1');
    expect(namedUserOf(aRequest({ 'x-user-id': [header] }))).toBe(name);
  });

  it.each([[['']], [['..']], [['a', 'b']], [['x'.repeat(256)]], [['\xff\xfe']], [['a\x00']]])(
    'refuses %j',
    (header) => {
      expect(() => namedUserOf(aRequest({ 'x-user-id': header }))).toThrow(
        expect.objectContaining({ kind: 'invalid', code: 'invalid_user_id' }),
      );
    },
  );
});
