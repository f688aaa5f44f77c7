import { Injectable } from '@nestjs/common';
import type { Lease } from './lease.js';
import type { Workspace } from './workspace.entity.js';

/**
 * What the modules above do at the turning points of a workspace. They know kernels and files; workspaces
 * must not (the arrows of the design go one way).
 */
export interface WorkspaceLifecycleHooks {
  /** The last holder of the lease vanished: end its kernel, collect its files, finish its execution. */
  recover(workspace: Workspace, lease: Lease): Promise<void>;
  /** Asks what runs or waits in the workspace to stop, in whichever process. */
  interrupt(workspaceId: string): Promise<void>;
  /** The workspace closes: end its kernel, and with `keepFiles` collect what no run has collected yet. */
  close(workspace: Workspace, lease: Lease, options: { keepFiles: boolean }): Promise<void>;
  /** The chat a message was last used in, for lookups with `WORKSPACE_SCOPE=chat`. */
  chatOfMessage(userId: string, messageId: string): Promise<string | null>;
}

/** Where the execution module hangs its hooks in. */
@Injectable()
export class WorkspaceLifecycle {
  private registered: WorkspaceLifecycleHooks | undefined;

  register(hooks: WorkspaceLifecycleHooks): void {
    this.registered = hooks;
  }

  get hooks(): WorkspaceLifecycleHooks {
    if (!this.registered) throw new Error('No module registered the lifecycle hooks of workspaces.');
    return this.registered;
  }
}
