import { ApiKey } from '../auth/api-key.entity.js';
import { RateLimit } from '../auth/rate-limit.entity.js';
import { Execution } from '../execution/execution.entity.js';
import { StoredFile } from '../files/file.entity.js';
import { ScheduledJob } from '../instance/scheduled-job.entity.js';
import { ServiceInstance } from '../instance/service-instance.entity.js';
import { Artifact } from '../storage/artifact.entity.js';
import { WorkspaceAttachment } from '../workspaces/workspace-attachment.entity.js';
import { WorkspaceEntry } from '../workspaces/workspace-entry.entity.js';
import { Workspace } from '../workspaces/workspace.entity.js';

/** Every entity there is: the one place where the database looks up at the features. */
export const ENTITIES = [
  ApiKey,
  Artifact,
  Execution,
  RateLimit,
  ScheduledJob,
  ServiceInstance,
  StoredFile,
  Workspace,
  WorkspaceAttachment,
  WorkspaceEntry,
];
