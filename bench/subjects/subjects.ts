import { join } from 'node:path';
import { loadConfig } from '../src/config/index.js';
import { aService, type TestService } from '../test/support/a-service.js';
import type { ApiClient } from '../test/support/api-client.js';
import { connectionFiles, Floor } from './floor.js';
import { KernelPerCall } from './kernel-per-call.js';

/** Nothing here is to be held up by a limit that a person would meet. */
const LIMITS = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  MAX_CONCURRENT_EXECUTIONS: '32',
  MAX_CONCURRENT_EXECUTIONS_PER_USER: '32',
  MAX_QUEUED_EXECUTIONS: '1000',
  MAX_GENERATED_FILE_BYTES: '2GiB',
  WORKSPACE_MAX_BYTES: '8GiB',
  USER_MAX_BYTES: '64GiB',
  USER_MAX_FILES: '10000000',
  LOG_LEVEL: 'warn',
};

/** Everything that is measured, running. */
export interface Subjects {
  service: TestService;
  api: ApiClient;
  admin: ApiClient;
  /** Plain ZMQ to the kernel of the message `live`. */
  floor: Floor;
  perCall: KernelPerCall;
  /** A message that nobody used before. */
  newMessage: () => string;
  end: () => Promise<void>;
}

/** Starts the service (on the embedded database unless `TEST_DATABASE_URL` is set), the floor and Jupyter. */
export async function startSubjects(): Promise<Subjects> {
  const { engine } = loadConfig({ env: process.env, warn: () => undefined });
  const service = await aService({ PYTHON_ENVIRONMENT: engine.pythonEnvironment, ...LIMITS });
  const ends: (() => unknown)[] = [() => service.remove()];
  const end = async (): Promise<void> => {
    for (const release of ends.reverse()) await release();
  };
  try {
    const api = await service.as('bench');
    const admin = await service.as('admin', { role: 'admin' });
    const floor = await connectFloor(service, api, engine.pythonEnvironment);
    ends.push(() => floor.end());
    const perCall = await KernelPerCall.start(engine.pythonEnvironment);
    ends.push(() => perCall.end());
    let messages = 0;
    return { service, api, admin, floor, perCall, newMessage: () => `message-${(messages += 1)}`, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Finds the kernel of the message `live` among all that the engine has, by what only it knows. */
async function connectFloor(service: TestService, api: ApiClient, environment: string): Promise<Floor> {
  await api.run('only_here = True', { message_id: 'live' });
  for (const file of await connectionFiles(service.directory)) {
    const floor = await Floor.connect(join(environment, 'bin/python'), file);
    if (await floor.succeeds('only_here')) return floor;
    floor.end();
  }
  throw new Error('The kernel of the service was not found.');
}
