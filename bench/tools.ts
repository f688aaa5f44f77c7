import { spawnSync } from 'node:child_process';
import { nginxProgram } from './subjects/nginx.js';
import { postgresPrograms } from './subjects/postgres.js';

/** Says which programs are not installed, and what is not measured without them. */
export function warnOfMissingTools(): void {
  const hasPostgres = process.env.TEST_DATABASE_URL !== undefined || postgresPrograms() !== null;
  const tools = [
    { there: hasPostgres, package: 'postgresql', without: 'the service on Postgres' },
    { there: nginxProgram() !== null, package: 'nginx-light', without: 'upload and download beside nginx' },
    { there: isInstalled('zip'), package: 'zip', without: 'the archive beside zip' },
    { there: isInstalled('openssl'), package: 'openssl', without: 'registering a large file' },
  ];
  for (const tool of tools.filter(({ there }) => !there)) {
    process.stderr.write(`${tool.package} is not installed: not measured is ${tool.without}.\n`);
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;
}
