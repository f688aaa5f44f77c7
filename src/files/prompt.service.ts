import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { LibrariesService } from '../libraries/index.js';
import { ManifestService, WorkspacesService, type Workspace } from '../workspaces/index.js';
import { mountedPath } from './file-path.js';
import type { StoredFile } from './file.entity.js';
import { FilesService } from './files.service.js';
import { promptText, type PromptFacts } from './prompt-text.js';

/** Files told by name; a prompt must not grow without bound. */
const MAX_FILES = 100;

/** The dynamic prompt: what is in a workspace, or will be when its code runs first. */
@Injectable()
export class PromptService {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly manifest: ManifestService,
    private readonly files: FilesService,
    private readonly libraries: LibrariesService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** Unknown and foreign ids give the prompt of an empty workspace. */
  async prompt(userId: string, workspaceId: string): Promise<string> {
    const workspace = await this.workspaces.lookUp(userId, workspaceId);
    const { files, more } = await this.listFiles(userId, workspaceId, workspace);
    return promptText({
      files,
      moreFiles: more,
      libraries: await this.libraries.list(),
      timeoutSeconds: this.config.execution.timeoutSeconds,
      maxFileBytes: this.config.files.maxGeneratedFileBytes,
      memoryBytes: this.config.kernels.memoryBytes,
      network: this.config.engine.jupyterUrl !== null || this.config.engine.sandbox === 'off',
      pathsTranslated: this.config.engine.pathMode === 'translated',
    });
  }

  private async listFiles(
    userId: string,
    workspaceId: string,
    workspace: Workspace | null,
  ): Promise<{ files: PromptFacts['files']; more: number }> {
    const entries = workspace ? await this.manifest.first(workspace.id, MAX_FILES + 1) : [];
    const present = new Map(
      entries.map((entry) => [
        mountedPath(entry.path),
        {
          path: mountedPath(entry.path),
          size: entry.size,
          note: entry.origin === 'attached' ? 'attached' : null,
        },
      ]),
    );
    for (const file of await this.attachedFiles(userId, workspaceId, workspace)) {
      const path = mountedPath(file.path ?? Buffer.from(file.name));
      if (!present.has(path)) present.set(path, { path, size: file.size, note: 'attached' });
    }
    const all = [...present.values()];
    const counted = Math.max(all.length, workspace?.fileCount ?? 0);
    return { files: all.slice(0, MAX_FILES), more: Math.max(0, counted - MAX_FILES) };
  }

  /** Attached and not placed yet: a message's files show before its code runs first. */
  private async attachedFiles(
    userId: string,
    workspaceId: string,
    workspace: Workspace | null,
  ): Promise<StoredFile[]> {
    const shared = this.config.workspaces.scope === 'chat';
    const chatId = workspace?.kind === 'chat' ? workspace.externalId : workspaceId;
    const source = {
      messageId: workspaceId,
      chatId: shared ? chatId : null,
      workspaceId: workspace?.id ?? null,
    };
    return (await this.files.unplaced(userId, source)).slice(0, MAX_FILES);
  }
}
