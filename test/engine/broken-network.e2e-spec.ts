import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/index.js';
import { RemoteEngine } from '../../src/execution/engine/remote-engine.js';
import { startService, type Service } from '../../src/service.js';
import { aToken } from '../ownership/attackers.js';
import { aDatabase, type TestDatabase } from '../support/a-database.js';
import { SECRET } from '../support/a-service.js';
import { ApiClient } from '../support/api-client.js';
import { PlainJupyterServer } from './plain-jupyter-server.js';
import { TcpProxy } from './tcp-proxy.js';

describe('The service behind a network that breaks', () => {
  let database: TestDatabase;
  let server: PlainJupyterServer;
  let proxy: TcpProxy;
  let service: Service;
  let user: ApiClient;

  beforeAll(async () => {
    database = await aDatabase();
    const directory = dirname(database.directory);
    server = await PlainJupyterServer.start({ workspaces: join(directory, 'workspaces') });
    proxy = await TcpProxy.to(server.address.url);
    const env = {
      ...{ DATA_DIR: directory, PORT: '0', AUTH_JWT_SECRET: SECRET, LOG_LEVEL: 'error' },
      ...{ JUPYTER_URL: proxy.url, JUPYTER_TOKEN: server.address.token ?? '' },
      ...(database.url === null ? {} : { DATABASE_URL: database.url }),
    };
    // What gives up after half a second need not be waited for.
    const engine = new RemoteEngine({
      server: { ...server.address, url: proxy.url },
      kernelName: 'mounted',
      deadlines: { lossMs: 500 },
    });
    service = await startService(loadConfig({ env, file: null }), engine);
    user = new ApiClient(service.url, `Bearer ${await aToken('ann', SECRET, {})}`);
    // The filesystem probe has a kernel of its own, whose start is not to be cut.
    await fetch(`${service.url}/health/ready`);
  }, 60_000);

  afterAll(async () => {
    await service.app.close();
    await proxy.stop();
    await server.stop();
    await database.remove();
  }, 60_000);

  it('uses an idle kernel on, or learns before a run that it is gone', async () => {
    await user.run('kept = 42', { message_id: 'm' });
    proxy.close();
    await proxy.leftAlone(1000);
    proxy.open();
    expect(await user.run('print(kept)', { message_id: 'm' })).toMatchObject({
      status: 'ok',
      kernel: 'kept',
      stdout: '42\n',
    });

    proxy.close();
    await proxy.leftAlone(1000);
    const { body } = await user.get<{ kernel: string | null }>('/workspaces/m');
    expect(body.kernel).not.toBeNull();
    const kernels = (await (await server.ask('GET', 'api/kernels')).json()) as { id: string }[];
    for (const { id } of kernels) await server.ask('DELETE', `api/kernels/${id}`);
    proxy.open();
    expect(await user.run('print(1)', { message_id: 'm' })).toMatchObject({
      status: 'ok',
      kernel: 'restarted',
      stdout: '1\n',
    });
  }, 60_000);
});
