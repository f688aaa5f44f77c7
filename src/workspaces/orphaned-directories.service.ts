import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { WorkspaceContent } from './content/index.js';
import { Workspace } from './workspace.entity.js';

/** Directories that no workspace names: of kernels that waited ready, and of removals that were cut short. */
@Injectable()
export class OrphanedDirectoriesService {
  private readonly logger = new Logger(OrphanedDirectoriesService.name);

  constructor(
    @InjectRepository(Workspace) private readonly workspaces: Repository<Workspace>,
    private readonly content: WorkspaceContent,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /**
   * Removes them, at a start, before anything waits ready. A row is committed before its directory is made, so
   * what is listed first and named by no row then is nobody's. Not where other instances share the directories.
   */
  async remove(): Promise<void> {
    if (this.config.engine.jupyterUrl !== null) return;
    await this.content.sweepTrash();
    const orphans = await this.unnamed(await this.content.list());
    for (const directory of orphans) await this.content.remove(directory);
    if (orphans.length > 0) this.logger.log(`Removed ${orphans.length} directories that no workspace names.`);
  }

  private async unnamed(names: readonly string[]): Promise<string[]> {
    const rows = await this.workspaces.query<{ name: string }[]>(
      `SELECT name FROM unnest($1::text[]) AS listed (name)
        WHERE NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.directory = listed.name)`,
      [names],
    );
    return rows.map(({ name }) => name);
  }
}
