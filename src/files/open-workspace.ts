import type { Lease, Workspace } from '../workspaces/index.js';

/** A workspace that has its directory, under a lease. */
export interface OpenWorkspace {
  workspace: Workspace & { directory: string };
  lease: Lease;
}
