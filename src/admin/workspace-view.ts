import type { Workspace, WorkspaceViews } from '../workspaces/index.js';
import type { AdminWorkspaceDto } from './admin.dto.js';

/** A workspace as its owner sees it, and whose it is. */
export function viewForAdmin(views: WorkspaceViews, workspace: Workspace): AdminWorkspaceDto {
  return { ...views.one(workspace), user_id: workspace.userId };
}
