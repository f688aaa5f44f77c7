import { loadConfig } from '../../src/config/index.js';
import type { ExecutionDto } from '../../src/execution/index.js';
import { aService, type ServiceOptions, type TestService } from '../../test/support/a-service.js';
import type { ApiClient } from '../../test/support/api-client.js';
import type { Home } from '../row.js';

/** Nothing here is to be held up by a limit that a person would meet. */
export const LIMITS = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  MAX_CONCURRENT_EXECUTIONS: '32',
  MAX_CONCURRENT_EXECUTIONS_PER_USER: '32',
  MAX_QUEUED_EXECUTIONS: '1000',
  MAX_UPLOAD_BYTES: '2GiB',
  MAX_GENERATED_FILE_BYTES: '2GiB',
  WORKSPACE_MAX_BYTES: '8GiB',
  USER_MAX_BYTES: '64GiB',
  USER_MAX_FILES: '100000000',
  // Fewer than the machine would bear, so that the sustained rows also pay for the end of kernels.
  MAX_KERNELS: '48',
  LOG_LEVEL: 'warn',
};

/** The service on one home of the database, with what speaks to it. */
export interface Service {
  home: Home;
  process: TestService;
  api: ApiClient;
  admin: ApiClient;
}

export const pythonEnvironment = loadConfig({ env: process.env, warn: () => undefined }).engine
  .pythonEnvironment;

/** Starts one. @param server the Postgres to make its database on; null: embedded */
export async function startService(
  server: string | null,
  env: Readonly<Record<string, string>> = {},
  prepare?: ServiceOptions['prepare'],
): Promise<Service> {
  const settings = { PYTHON_ENVIRONMENT: pythonEnvironment, ...LIMITS, ...env };
  const process = await aService(settings, { server, ...(prepare && { prepare }) });
  return {
    home: server === null ? 'pglite' : 'postgres',
    process,
    api: await process.as('bench'),
    admin: await process.as('admin', { role: 'admin' }),
  };
}

/** A run that fails is quick, and says nothing. */
export function expectOk(execution: ExecutionDto): ExecutionDto {
  if (execution.status === 'ok') return execution;
  throw new Error(`A run ended as ${execution.status}: ${execution.error?.value ?? execution.stderr}`);
}
