import { Injectable } from '@nestjs/common';
import { RetentionService } from './retention.service.js';
import type { WorkspaceDto } from './workspace.dto.js';
import type { Workspace } from './workspace.entity.js';

/** Workspaces as clients see them. */
@Injectable()
export class WorkspaceViews {
  constructor(private readonly retention: RetentionService) {}

  one(workspace: Workspace): WorkspaceDto {
    const active = workspace.state === 'active';
    return {
      id: workspace.externalId,
      kind: workspace.kind,
      chat_id: workspace.kind === 'chat' ? workspace.externalId : workspace.chatId,
      state: workspace.state,
      kernel: kernelState(workspace),
      files: workspace.fileCount,
      bytes: workspace.bytes,
      created_at: workspace.createdAt.toISOString(),
      last_used_at: workspace.lastUsedAt.toISOString(),
      expires_at: active ? this.retention.expiryOf(workspace).toISOString() : null,
    };
  }
}

/** Whoever holds the lease works with the kernel. */
function kernelState({ kernelId, leaseHolder }: Workspace): 'busy' | 'idle' | null {
  if (leaseHolder !== null) return 'busy';
  return kernelId === null ? null : 'idle';
}
