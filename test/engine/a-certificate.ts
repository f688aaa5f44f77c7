import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** For 127.0.0.1, signed by itself: its own authority, which nobody trusts by default. */
export async function aCertificate(directory: string): Promise<Certificate> {
  const files = { certificate: join(directory, 'certificate.pem'), key: join(directory, 'key.pem') };
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=engine', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', files.key, '-out', files.certificate],
  ]);
  return files;
}
