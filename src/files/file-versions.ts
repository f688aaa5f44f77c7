import { In, IsNull, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { StoredFile } from './file.entity.js';

/** Whose paths share version numbers: a message's, or those of a workspace without a message. */
export interface VersionScope {
  userId: string;
  messageId: string | null;
  workspaceId: string | null;
}

export function withinScope(scope: VersionScope): FindOptionsWhere<StoredFile> {
  return scope.messageId !== null
    ? { userId: scope.userId, messageId: scope.messageId }
    : { userId: scope.userId, messageId: IsNull(), workspaceId: scope.workspaceId ?? IsNull() };
}

/** The latest versions of these paths (SHA-256 of each), without what is not needed to number the next ones. */
export async function latestAt(
  manager: EntityManager,
  scope: VersionScope,
  paths: readonly Buffer[],
): Promise<Pick<StoredFile, 'id' | 'pathSha256' | 'version'>[]> {
  if (paths.length === 0) return [];
  return await manager.find(StoredFile, {
    where: { ...withinScope(scope), pathSha256: In([...paths]), latest: true },
    select: { id: true, pathSha256: true, version: true },
  });
}

/**
 * Makes room for new versions of these paths: what was latest is latest no more. Returns the highest version
 * so far of each path, by the hex of its SHA-256.
 */
export async function supersede(
  manager: EntityManager,
  scope: VersionScope,
  paths: readonly Buffer[],
): Promise<Map<string, number>> {
  const current = await latestAt(manager, scope, paths);
  if (current.length > 0) {
    await manager.update(StoredFile, { id: In(current.map((file) => file.id)) }, { latest: false });
  }
  return new Map(current.map((file) => [file.pathSha256?.toString('hex') ?? '', file.version]));
}
