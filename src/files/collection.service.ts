import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AppConfig } from '../config/index.js';
import { ArtifactsService, type StagedFile } from '../storage/index.js';
import { ManifestService, WorkspaceContent, type Collection } from '../workspaces/index.js';
import { fileFormat } from './file-format.js';
import { baseName, printablePath, sha256 } from './file-path.js';
import { supersede } from './file-versions.js';
import { StoredFile, type FileChange } from './file.entity.js';
import { gather, type GatheredFiles } from './gathered-files.js';
import type { OpenWorkspace } from './open-workspace.js';
import { QuotasService } from './quotas.service.js';

/** Rows in one statement. */
const CHUNK = 500;

/** Whose files the collected ones become. */
export interface Attribution {
  userId: string;
  messageId: string | null;
  chatId: string | null;
  /** Null for what is found outside a run. */
  executionId: string | null;
  /** The workspace's id on the wire. */
  workspaceRef: string;
}

export interface DisplayImage {
  mime: string;
  bytes: Buffer;
}

/** Finds what code changed, keeps its bytes, and registers it. */
@Injectable()
export class CollectionService {
  constructor(
    private readonly content: WorkspaceContent,
    private readonly manifest: ManifestService,
    private readonly artifacts: ArtifactsService,
    private readonly quotas: QuotasService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** Compares with the manifest and makes the bytes durable; nothing is registered yet. */
  async collect({ workspace, lease }: OpenWorkspace, kernelPid: number | null): Promise<GatheredFiles> {
    const collection = await this.compare(workspace, lease.signal, kernelPid);
    const refused = await this.keep(stagedFiles(collection), workspace.userId, lease.signal);
    return gather(collection, new Set(refused.map((file) => file.path)));
  }

  /**
   * Writes file rows and manifest in the caller's transaction, which holds the lease. After its commit call
   * `settle` with the generations before and after.
   */
  async register(
    manager: EntityManager,
    workspaceId: string,
    gathered: GatheredFiles,
    attribution: Attribution,
  ): Promise<{ files: StoredFile[]; generation: number }> {
    await this.artifacts.touch(
      gathered.files.map((file) => file.sha256.toString('hex')),
      manager,
    );
    const versions = await supersede(
      manager,
      { ...attribution, workspaceId },
      gathered.files.map((file) => sha256(file.path)),
    );
    const files = gathered.files.map((file) => {
      const pathSha256 = sha256(file.path);
      const version = (versions.get(pathSha256.toString('hex')) ?? 0) + 1;
      return generatedFile({ ...file, pathSha256, version, display: false }, workspaceId, attribution);
    });
    await insertFiles(manager, files);
    const generation = await this.manifest.apply(manager, workspaceId, gathered.change);
    return { files, generation };
  }

  /** Tells the helper that its last findings are committed as this generation. */
  settle(directory: string, from: number, to: number): Promise<void> {
    return this.content.settle(directory, from, to);
  }

  /**
   * Keeps a displayed image as `plot-<number>.png`; the row is inserted with `insertImage`.
   *
   * @throws DomainError `quota_exceeded`
   */
  async keepImage(
    { mime, bytes }: DisplayImage,
    number: number,
    workspaceId: string,
    attribution: Attribution,
  ): Promise<StoredFile> {
    const staged = await this.artifacts.stage(Readable.from([bytes]), { maxBytes: bytes.length });
    const refused = await this.keep([staged], attribution.userId);
    if (refused.length > 0) throw this.quotas.exceeded();
    const extension = mime.replace('image/', '').replace('jpeg', 'jpg');
    const image = {
      id: uuidv7(),
      path: null,
      pathSha256: null,
      name: `plot-${String(number)}.${extension}`,
      sha256: Buffer.from(staged.sha256, 'hex'),
      size: staged.size,
      change: 'created' as const,
      version: 1,
      display: true,
    };
    return generatedFile(image, workspaceId, attribution);
  }

  async insertImage(manager: EntityManager, image: StoredFile): Promise<void> {
    await this.artifacts.touch([image.sha256.toString('hex')], manager);
    await insertFiles(manager, [image]);
  }

  /** Makes durable what the user's quota has place for, and answers with the rest; nothing stays staged. */
  private async keep(
    staged: readonly StagedFile[],
    userId: string,
    signal?: AbortSignal,
  ): Promise<StagedFile[]> {
    if (staged.length === 0) return [];
    try {
      const room = await this.quotas.room(userId);
      const refused = new Set(staged.filter((file) => !room.take(file.size)));
      signal?.throwIfAborted();
      await this.artifacts.store(staged.filter((file) => !refused.has(file)));
      return [...refused];
    } finally {
      await this.artifacts.discard(staged);
    }
  }

  private async compare(
    { id, directory, generation }: OpenWorkspace['workspace'],
    signal: AbortSignal,
    kernelPid: number | null,
  ): Promise<Collection> {
    const { maxGeneratedFileBytes, maxFilesPerExecution, trackedExtensions } = this.config.files;
    const request = {
      generation,
      signal,
      limits: { maxFileBytes: maxGeneratedFileBytes, maxFiles: maxFilesPerExecution, trackedExtensions },
      ...(kernelPid !== null && { writableBy: kernelPid }),
    };
    const answer = await this.content.collect(directory, {
      ...request,
      ...(generation === 0 && { manifest: [] }),
    });
    if (!('needManifest' in answer)) return answer;
    const manifest = await this.manifest.load(id);
    const complete = await this.content.collect(directory, { ...request, manifest });
    if ('needManifest' in complete)
      throw new Error('The workspace helper asked twice for the same manifest.');
    return complete;
  }
}

function stagedFiles({ created, modified }: Collection): StagedFile[] {
  return [...created, ...modified].flatMap(({ staged, sha256: hash, size }) =>
    staged !== null && hash !== null ? [{ path: staged, sha256: hash, size }] : [],
  );
}

interface GeneratedFile {
  id: string;
  path: Buffer | null;
  pathSha256: Buffer | null;
  name?: string;
  sha256: Buffer;
  size: number;
  change: FileChange;
  version: number;
  display: boolean;
}

function generatedFile(file: GeneratedFile, workspaceId: string, attribution: Attribution): StoredFile {
  const name = file.name ?? printablePath(baseName(file.path ?? Buffer.alloc(0)));
  const { format, mimeType } = fileFormat(name);
  const { userId, messageId, chatId, executionId } = attribution;
  return Object.assign(new StoredFile(), {
    ...file,
    name,
    ...{ userId, messageId, chatId, executionId, workspaceId, format, mimeType },
    source: 'code_execution' as const,
    askedPathSha256: null,
    latest: true,
    linkGeneration: 0,
    meta: {
      source: 'code_execution' as const,
      chat_id: chatId,
      message_id: messageId,
      generated_at: new Date().toISOString(),
      format,
      original_workspace_path: file.path === null ? null : printablePath(file.path),
      workspace_id: attribution.workspaceRef,
    },
  });
}

async function insertFiles(manager: EntityManager, files: readonly StoredFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += CHUNK) {
    await manager.insert(StoredFile, files.slice(at, at + CHUNK));
  }
}
