import { reachFailure } from './reach-failure.js';

describe('reachFailure', () => {
  it.each([
    [
      new TypeError('fetch failed: ECONNREFUSED connect ECONNREFUSED 10.0.0.9:8888'),
      'nothing listens at its address',
    ],
    [
      new TypeError('fetch failed: ENOTFOUND getaddrinfo ENOTFOUND gateway'),
      'the name of its host is not known',
    ],
    [new TypeError('fetch failed: CERT_HAS_EXPIRED certificate has expired'), 'its certificate has expired'],
    [
      new TypeError('fetch failed: ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match'),
      'its certificate is for another name',
    ],
    [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'no answer in 10 s'],
    [new Error('who knows, at 10.0.0.9'), 'it cannot be reached'],
    ['no error at all', 'it cannot be reached'],
  ])('tells what %s means, without addresses', (error, words) => {
    expect(reachFailure(error, 10_000)).toBe(words);
  });

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])(
    'names the way to trust a certificate of an own authority (%s)',
    (code) => {
      expect(reachFailure(new TypeError(`fetch failed: ${code} a certificate`), 1)).toContain(
        'NODE_EXTRA_CA_CERTS',
      );
    },
  );
});
