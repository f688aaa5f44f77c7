/** What to tell of a server that did not answer: the errors' texts are made for programmers, and name addresses. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing listens at its address'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name of its host is not known'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to its host'],
  [/ALTNAME/, 'its certificate is for another name'],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [
    /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|CERT_/,
    'its certificate is not trusted: NODE_EXTRA_CA_CERTS, in the environment of the service, names the file of its CA',
  ],
  [/WRONG_VERSION_NUMBER|SSL_|EPROTO/, 'it does not speak TLS as JUPYTER_URL says'],
  [/HPE_|Parse Error/i, 'what answers there does not speak HTTP as JUPYTER_URL says'],
];

/** Why a request got no answer within `deadlineMs`, in plain words. */
export function reachFailure(error: unknown, deadlineMs: number): string {
  const said = String(error);
  if (/timeout/i.test(said)) return `no answer in ${String(deadlineMs / 1000)} s`;
  return CAUSES.find(([pattern]) => pattern.test(said))?.[1] ?? 'it cannot be reached';
}
