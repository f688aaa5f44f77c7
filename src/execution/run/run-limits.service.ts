import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { WorkspaceContent } from '../../workspaces/index.js';
import { Engine, type Kernel } from '../engine/index.js';
import { CodeRun, type StopReason } from './code-run.js';
import { endOfDeadKernel } from './kernel-end.js';
import { WorkspaceCeiling, WorkspaceWatch } from './workspace-watch.js';

/** What holds a single run within its limits. */
@Injectable()
export class RunLimitsService {
  constructor(
    private readonly engine: Engine,
    private readonly content: WorkspaceContent,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** What the run that is about to start in this directory may grow it to. */
  async ceiling(directory: string): Promise<WorkspaceCeiling> {
    return new WorkspaceCeiling(this.config.workspaces, await this.content.usage(directory));
  }

  /** Looks at the directory until `end`; `stop` is called once, when the ceiling is passed. */
  watch(directory: string, ceiling: WorkspaceCeiling, stop: (reason: StopReason) => void): WorkspaceWatch {
    return new WorkspaceWatch(async () => await this.content.usage(directory), ceiling, stop);
  }

  /** A run of code in this kernel, which tells why the kernel died under it. */
  codeRun(kernel: Kernel, timeoutMs: number): CodeRun {
    return new CodeRun(kernel, timeoutMs, async (death) => {
      const end = death.cause === 'exited' ? await this.engine.howEnded(kernel.id) : null;
      return endOfDeadKernel(death, end, this.config.kernels.memoryBytes);
    });
  }
}
