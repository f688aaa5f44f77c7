import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

interface Library {
  name: string;
  version: string;
}

/** What an admin added to the environment that set-up made for these tests; `.ci/run` adds something. */
const EXTRA = /^[\w.-]+/.exec(process.env.EXTRA_REQUIREMENTS ?? '')?.[0];
if (EXTRA === undefined && process.env.CI) throw new Error('EXTRA_REQUIREMENTS is not set.');

describe('the libraries that code can import', () => {
  let service: TestService;
  let alice: ApiClient;
  let libraries: Library[];

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
    libraries = (await alice.get<{ libraries: Library[] }>('/me')).body.libraries;
  }, 120_000);

  afterAll(async () => {
    await service.remove();
  });

  const run = async (code: string): Promise<string> => {
    const { status, stdout } = await alice.run(code, { message_id: 'libraries' });
    expect(status).toBe('ok');
    return stdout.trim();
  };

  it('are told to callers, to models and by the answer to an installation, as they are', async () => {
    expect(libraries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['pandas', 'numpy', 'openpyxl']),
    );
    const found = await run(`
from importlib.metadata import version
for name in ${JSON.stringify(libraries.map(({ name }) => name))}: print(name, version(name))`);
    expect(found.split('\n')).toEqual(libraries.map(({ name, version }) => `${name} ${version}`));
    const { body } = await alice.get<{ prompt: string }>('/workspaces/libraries/prompt');
    const answer = await run('!pip install something');
    expect(answer.split('\n')).toHaveLength(1);
    expect(answer).toContain('EXTRA_REQUIREMENTS');
    for (const { name, version } of libraries) {
      expect(body.prompt).toContain(name);
      expect(answer).toContain(`${name} ${version}`);
    }
  });

  (EXTRA === undefined ? it.skip : it)('are also those that an admin added', async () => {
    expect(libraries.map(({ name }) => name)).toContain(EXTRA);
    expect(await run(`import ${String(EXTRA)}; print(${String(EXTRA)}.__name__)`)).toBe(EXTRA);
  });
});
