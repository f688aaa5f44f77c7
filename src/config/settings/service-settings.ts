import { integer, seconds } from '../number-kinds.js';
import { optional, optionalList, setting } from '../setting.js';
import { choice, choices, directory, host, secret, text } from '../text-kinds.js';
import { httpUrl, keySetUrl, origins, postgresUrl } from '../url-kinds.js';

/** Secrets that sign or verify have at least the length of an HS256 key. */
const SIGNING_SECRET_BYTES = 32;
/** Asymmetric algorithms only: with a public key set, accepting HS256 would let the public key sign. */
const KEY_SET_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

export const serverSettings = {
  host: setting('HOST', host(), '127.0.0.1', 'Address the API listens on.'),
  port: setting(
    'PORT',
    integer(null, { min: 0, max: 65_535 }),
    '3000',
    'Port of the API; 0 takes a free one.',
  ),
  publicUrl: optional(
    'PUBLIC_URL',
    httpUrl('without slash'),
    'Address under which clients reach the API, the beginning of signed links; unset, that of HOST and PORT.',
  ),
  instanceUrl: optional(
    'INSTANCE_URL',
    httpUrl('without slash'),
    'Address under which the other API processes reach this one; unset, that of HOST and PORT, or its first network address.',
  ),
  corsOrigins: optionalList<'*'>(
    'CORS_ORIGINS',
    origins(),
    'Origins of web pages that may call the API; unset, none.',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    choice(['debug', 'info', 'warn', 'error']),
    'info',
    'Least level that is logged.',
  ),
  shutdownGraceSeconds: setting(
    'SHUTDOWN_GRACE_SECONDS',
    seconds({ min: 0 }),
    '20',
    'Time that running code has to finish after SIGTERM, before it is interrupted and its files are collected.',
  ),
};

export const dataSettings = {
  dir: setting(
    'DATA_DIR',
    directory(),
    'data',
    'Directory of workspaces, stored files, embedded database and secret; one service at a time.',
  ),
};

export const databaseSettings = {
  url: optional(
    'DATABASE_URL',
    postgresUrl(),
    'Postgres database; unset, an embedded one in DATA_DIR/database, which survives a kill but no power loss.',
  ),
  poolSize: setting(
    'DATABASE_POOL_SIZE',
    integer('connections', { min: 2 }),
    '10',
    'Most connections at a time.',
  ),
};

export const authSettings = {
  jwtSecret: optional(
    'AUTH_JWT_SECRET',
    secret(SIGNING_SECRET_BYTES),
    'Secret of JSON Web Tokens signed with HS256; excludes AUTH_JWKS_URL.',
  ),
  jwksUrl: optional(
    'AUTH_JWKS_URL',
    keySetUrl(),
    'Key set of JSON Web Tokens signed with a private key; needs AUTH_ISSUER and AUTH_AUDIENCE.',
  ),
  issuer: optional('AUTH_ISSUER', text('the iss claim of good tokens'), 'Issuer that tokens must name.'),
  audience: optional('AUTH_AUDIENCE', text('an aud claim of good tokens'), 'Audience that tokens must name.'),
  userClaim: setting(
    'AUTH_USER_CLAIM',
    text('the name of a claim'),
    'sub',
    'Claim that holds the id of the user.',
  ),
  roleClaim: setting(
    'AUTH_ROLE_CLAIM',
    text('the name of a claim'),
    'role',
    'Claim that makes an admin when it is, or contains, "admin".',
  ),
  algorithms: setting(
    'AUTH_ALGORITHMS',
    choices(KEY_SET_ALGORITHMS),
    'RS256,ES256,EdDSA',
    'Signature algorithms accepted with AUTH_JWKS_URL.',
  ),
  secretKey: optional(
    'SECRET_KEY',
    secret(SIGNING_SECRET_BYTES),
    'Secret that signs links and user tokens, the same for all processes; unset, one is made in DATA_DIR/secret.',
  ),
};
