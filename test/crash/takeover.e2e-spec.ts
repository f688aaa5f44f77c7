import type { NestExpressApplication } from '@nestjs/platform-express';
import { Readable } from 'node:stream';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { createApp } from '../../src/bootstrap.js';
import { AppConfig } from '../../src/config/index.js';
import { newId } from '../../src/database/index.js';
import { CompletionService } from '../../src/execution/run/completion.service.js';
import { EMPTY_RECORD } from '../../src/execution/run/execution-record.js';
import { CollectionService, StoredFile, type GatheredFiles } from '../../src/files/index.js';
import { InstanceService } from '../../src/instance/index.js';
import { ServiceInstance } from '../../src/instance/service-instance.entity.js';
import { ArtifactsService } from '../../src/storage/index.js';
import {
  ClosingService,
  DirectoriesService,
  LeaseLostError,
  LeasesService,
  Workspace,
  WorkspaceContent,
  WorkspaceLifecycle,
  WorkspacesService,
  type Leased,
} from '../../src/workspaces/index.js';
import { startApp, type StartedApp } from '../ownership/start-app.js';
import { until } from '../support/until.js';

const SETTINGS = { AUTH_JWT_SECRET: 's'.repeat(32), LOG_LEVEL: 'error', LEASE_SECONDS: '1' };

describe('a process that stood still while another took its workspace over', () => {
  let started: StartedApp;
  let app: NestExpressApplication;
  /** Of the process that stands still: it never renews, until it is told to go on. */
  let stopped: LeasesService;

  beforeAll(async () => {
    started = await startApp(createApp, SETTINGS);
    app = started.app;
    const config = app.get(AppConfig);
    const instances = app.get<Repository<ServiceInstance>>(getRepositoryToken(ServiceInstance));
    stopped = new LeasesService(
      app.get<Repository<Workspace>>(getRepositoryToken(Workspace)),
      new InstanceService(instances, config),
      app.get(WorkspaceLifecycle),
      config,
    );
  }, 120_000);

  afterAll(async () => {
    stopped.onApplicationShutdown();
    await started.stop();
  });

  async function gatheredFile(content: string): Promise<GatheredFiles> {
    const artifacts = app.get(ArtifactsService);
    const staged = await artifacts.stage(Readable.from([Buffer.from(content)]), { maxBytes: Infinity });
    await artifacts.store([staged]);
    const file = {
      id: newId(),
      path: Buffer.from('out.txt'),
      sha256: Buffer.from(staged.sha256, 'hex'),
      size: staged.size,
      change: 'created' as const,
    };
    const change = { upserts: [], refreshes: [], removals: [] };
    return { files: [file], change, deleted: [], warnings: [], changed: true };
  }

  async function takenOver(messageId: string): Promise<{ before: Leased; after: Leased }> {
    const workspace = await app.get(WorkspacesService).openFor('alice', { messageId, chatId: null });
    const before = await stopped.tryAcquire(workspace.id, newId());
    if (!before) throw new Error('The workspace is not free.');
    expect(await app.get(LeasesService).tryAcquire(workspace.id, newId())).toBeNull();
    let after: Leased | null = null;
    await until(async () => {
      after = await app.get(LeasesService).tryAcquire(workspace.id, newId());
      return after !== null;
    });
    return { before, after: after as unknown as Leased };
  }

  const attribution = (messageId: string) => ({
    ...{ userId: 'alice', messageId, chatId: null, executionId: newId(), workspaceRef: messageId },
  });
  const rows = async (messageId: string): Promise<number> =>
    await app
      .get<Repository<StoredFile>>(getRepositoryToken(StoredFile))
      .countBy({ userId: 'alice', messageId });

  it('writes no second row when it goes on', async () => {
    const { before, after } = await takenOver('double');
    const found = await gatheredFile('the same content');
    const complete = ({ workspace, lease }: Leased): Promise<unknown> => {
      const completions = app.get(CompletionService);
      return completions.complete({
        ...{ executionId: newId(), workspace, lease, status: 'ok', reason: null, kernel: null },
        ...{ kernelId: null, timings: null, record: EMPTY_RECORD },
        gathered: { ...found, files: found.files.map((file) => ({ ...file, id: newId() })) },
        attribution: attribution('double'),
        images: completions.imagesOf(lease, attribution('double')),
      });
    };
    const leases = app.get(LeasesService);
    await leases.using(after, ({ workspace, lease }) =>
      leases.transact(lease, (manager) =>
        app.get(CollectionService).register(manager, workspace.id, found, attribution('double')),
      ),
    );
    expect(await rows('double')).toBe(1);
    await expect(complete(before)).rejects.toBeInstanceOf(LeaseLostError);
    expect(await rows('double')).toBe(1);
    expect(before.lease.signal.aborted).toBe(true);
  });

  it('closes nothing when its clean-up goes on', async () => {
    const leases = app.get(LeasesService);
    const { id } = await app.get(WorkspacesService).openFor('alice', { messageId: 'closed', chatId: null });
    const { directory } = await leases.using(
      await leases.acquire(id, { holder: newId() }),
      ({ workspace, lease }) => app.get(DirectoriesService).ensure(workspace, lease),
    );
    const { before, after } = await takenOver('closed');
    expect(before.workspace.directory).toBe(directory);
    await expect(app.get(ClosingService).expire(before)).rejects.toBeInstanceOf(LeaseLostError);
    expect(await app.get(WorkspaceContent).list()).toContain(directory);
    expect(await app.get(WorkspacesService).get('alice', 'closed')).toMatchObject({
      ...{ state: 'active', directory, leaseHolder: after.lease.holder },
    });
    await leases.release(after.lease);
  });

  it('learns by its first renewal that the workspace is no longer its own', async () => {
    const { before, after } = await takenOver('renewal');
    stopped.onModuleInit();
    await until(async () => {
      await rows('renewal');
      return before.lease.signal.aborted;
    });
    expect(after.lease.signal.aborted).toBe(false);
    await app.get(LeasesService).release(after.lease);
  });
});
