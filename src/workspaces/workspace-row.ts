import type { EntityMetadata } from 'typeorm';
import { Workspace } from './workspace.entity.js';

/** Makes the entity of a row that a hand-written statement returned. */
export function workspaceFromRow(
  metadata: EntityMetadata,
  row: Readonly<Record<string, unknown>>,
): Workspace {
  const workspace = new Workspace();
  for (const column of metadata.columns) {
    const value = row[column.databaseName];
    const transformer = column.transformer;
    const hydrated =
      transformer === undefined || Array.isArray(transformer) ? value : (transformer.from(value) as unknown);
    column.setEntityValue(workspace, hydrated);
  }
  return workspace;
}
