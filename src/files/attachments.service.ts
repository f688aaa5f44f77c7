import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, type EntityManager, type Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { NotFoundError } from '../errors/index.js';
import { ArtifactsService, type StagedFile } from '../storage/index.js';
import { fileFormat } from './file-format.js';
import { baseName, numberedPath, printablePath, sha256 } from './file-path.js';
import { latestAt } from './file-versions.js';
import { StoredFile } from './file.entity.js';
import type { QuotaRoom } from './quota-room.js';
import { QuotasService } from './quotas.service.js';

/** Whose message a file is attached to. */
export interface AttachTarget {
  userId: string;
  messageId: string | null;
  chatId: string | null;
  /** For runs without a message: the workspace that the file goes to. */
  workspaceId: string | null;
}

/** Content and the path it shall have; the path may become `name (2).ext` where it is taken. */
export interface Attachable {
  path: Buffer;
  sha256: Buffer;
  size: number;
}

/** Attaching: each file becomes a File of the message, once per content and name asked for. */
@Injectable()
export class AttachmentsService {
  constructor(
    @InjectRepository(StoredFile) private readonly files: Repository<StoredFile>,
    private readonly dataSource: DataSource,
    private readonly artifacts: ArtifactsService,
    private readonly quotas: QuotasService,
  ) {}

  /**
   * Attaches uploads, all or none of them. The staged files are consumed.
   *
   * @throws DomainError `quota_exceeded`
   */
  async attachUploads(
    target: AttachTarget,
    uploads: readonly { path: Buffer; staged: StagedFile }[],
  ): Promise<StoredFile[]> {
    await this.artifacts.store(uploads.map((upload) => upload.staged));
    const items = uploads.map(({ path, staged }) => ({
      path,
      sha256: Buffer.from(staged.sha256, 'hex'),
      size: staged.size,
    }));
    return await this.attach(target, items);
  }

  /**
   * Attaches files that the caller owns, with shared bytes.
   *
   * @throws NotFoundError naming the first id that is not a file of the caller's, DomainError `quota_exceeded`.
   */
  async attachFiles(target: AttachTarget, fileIds: readonly string[]): Promise<StoredFile[]> {
    if (fileIds.length === 0) return [];
    const owned = await this.owned(target.userId, fileIds);
    return await this.attach(
      target,
      owned.map((file) => ({
        path: file.path ?? Buffer.from(file.name),
        sha256: file.sha256,
        size: file.size,
      })),
    );
  }

  /** The caller's files with these ids, in the order asked for. @throws NotFoundError */
  async owned(userId: string, fileIds: readonly string[]): Promise<StoredFile[]> {
    if (fileIds.length === 0) return [];
    const found = await this.files.findBy({ id: In([...fileIds]), userId });
    const byId = new Map(found.map((file) => [file.id, file]));
    return fileIds.map((id) => {
      const file = byId.get(id.toLowerCase());
      if (!file) throw new NotFoundError('file', id);
      return file;
    });
  }

  private async attach(target: AttachTarget, items: readonly Attachable[]): Promise<StoredFile[]> {
    return await this.dataSource.transaction(async (manager) => {
      // Before the rows that need them: the sweep leaves freshly touched content alone.
      await this.artifacts.touch(
        items.map((item) => item.sha256.toString('hex')),
        manager,
      );
      const room = await this.quotas.lockedRoom(manager, target.userId);
      const attached: StoredFile[] = [];
      for (const item of items) attached.push(await this.attachOne(manager, target, item, room));
      return attached;
    });
  }

  private async attachOne(
    manager: EntityManager,
    target: AttachTarget,
    item: Attachable,
    room: QuotaRoom,
  ): Promise<StoredFile> {
    const asked = sha256(item.path);
    for (let number = 1; ; number += 1) {
      const path = number === 1 ? item.path : numberedPath(item.path, number);
      const repeated = await manager.findOneBy(StoredFile, {
        ...attachedTo(target),
        askedPathSha256: asked,
        sha256: item.sha256,
      });
      if (repeated) return repeated;
      if (await this.isTaken(manager, target, path, item)) continue;
      const inserted = await this.insert(manager, target, item, path, asked);
      if (inserted && !room.take(item.size)) throw this.quotas.exceeded();
      if (inserted) return inserted;
    }
  }

  /** Another content has this path, attached or generated. */
  private async isTaken(
    manager: EntityManager,
    target: AttachTarget,
    path: Buffer,
    item: Attachable,
  ): Promise<boolean> {
    const rivals = await manager.findBy(StoredFile, {
      ...ofTarget(target),
      pathSha256: sha256(path),
      latest: true,
    });
    return rivals.some((rival) => rival.source === 'attached' || !rival.sha256.equals(item.sha256));
  }

  /** Null when a request at the same time took the path: the unique indexes decide. */
  private async insert(
    manager: EntityManager,
    target: AttachTarget,
    item: Attachable,
    path: Buffer,
    askedPathSha256: Buffer,
  ): Promise<StoredFile | null> {
    const row = attachedRow(target, item, path, askedPathSha256);
    const [previous] = await latestAt(manager, target, [row.pathSha256]);
    row.version = (previous?.version ?? 0) + 1;
    const result = await manager
      .createQueryBuilder()
      .insert()
      .into(StoredFile)
      .values(row)
      .orIgnore()
      .returning('id')
      .execute();
    if ((result.raw as unknown[]).length === 0) return null;
    if (previous) await manager.update(StoredFile, { id: previous.id }, { latest: false });
    return await manager.findOneByOrFail(StoredFile, { id: row.id });
  }
}

function ofTarget(target: AttachTarget): object {
  return target.messageId !== null
    ? { userId: target.userId, messageId: target.messageId }
    : { userId: target.userId, workspaceId: target.workspaceId };
}

function attachedTo(target: AttachTarget): object {
  return { ...ofTarget(target), source: 'attached' };
}

function attachedRow(
  target: AttachTarget,
  item: Attachable,
  path: Buffer,
  askedPathSha256: Buffer,
): StoredFile & { pathSha256: Buffer } {
  const name = printablePath(baseName(path));
  const { format, mimeType } = fileFormat(name);
  return Object.assign(new StoredFile(), {
    id: uuidv7(),
    ...target,
    executionId: null,
    source: 'attached' as const,
    change: null,
    display: false,
    path,
    pathSha256: sha256(path),
    askedPathSha256,
    name,
    version: 1,
    latest: true,
    size: item.size,
    format,
    mimeType,
    sha256: item.sha256,
    meta: {
      source: 'attached' as const,
      chat_id: target.chatId,
      message_id: target.messageId,
      generated_at: null,
      format,
      original_workspace_path: printablePath(path),
      workspace_id: target.messageId ?? target.chatId ?? target.workspaceId,
    },
  });
}
