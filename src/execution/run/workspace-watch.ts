import type { Usage } from '../../workspaces/index.js';
import type { StopReason } from './code-run.js';

export interface WorkspaceLimits {
  readonly maxBytes: number;
  /** Files and directories. */
  readonly maxFiles: number;
}

/** A usage; a collection may tell no directories. */
type Content = Pick<Usage, 'bytes' | 'files'> & Partial<Usage>;

/** Resolves to what lies in the workspace now. */
export type MeasureWorkspace = () => Promise<Usage>;

/** From the start of the code to the first look, and from a look to the next where the limit is near. */
const SOON_MS = 250;
/** Between two looks at a workspace that is half empty. */
const PERIOD_MS = 1_000;
/** A look at a large tree takes a while: looking takes a tenth of the time at most. */
const COST_FACTOR = 9;
/** Part of a limit from which on the next look comes soon. */
const NEAR = 0.5;

/**
 * What one run may grow its workspace to: the limits, or what it found there where that is more. A run that
 * starts over a limit may so read and delete, and is stopped only when it adds to it.
 */
export class WorkspaceCeiling {
  private readonly bytes: number;
  private readonly files: number;

  constructor(
    private readonly limits: WorkspaceLimits,
    found: Usage,
  ) {
    this.bytes = Math.max(limits.maxBytes, found.bytes);
    this.files = Math.max(limits.maxFiles, countOf(found));
  }

  /** Why a run must be stopped that grew its workspace to `usage`; null when it may go on. */
  passedBy(usage: Content): StopReason | null {
    const { maxBytes, maxFiles } = this.limits;
    if (usage.bytes > this.bytes) {
      return stopped('workspace_bytes', `${String(usage.bytes)} bytes`, `${String(maxBytes)} bytes`);
    }
    if (countOf(usage) > this.files) {
      const held = `${String(countOf(usage))} files and directories`;
      return stopped('workspace_files', held, String(maxFiles));
    }
    return null;
  }

  isNear(usage: Usage): boolean {
    return usage.bytes > this.bytes * NEAR || countOf(usage) > this.files * NEAR;
  }
}

/** Looks at a workspace again and again while code runs in it. */
export class WorkspaceWatch {
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /** @param stop called once, when the ceiling is passed. */
  constructor(
    private readonly measure: MeasureWorkspace,
    private readonly ceiling: WorkspaceCeiling,
    private readonly stop: (reason: StopReason) => void,
  ) {
    this.lookIn(SOON_MS);
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private lookIn(ms: number): void {
    this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    const began = performance.now();
    // What cannot be measured now is measured next time; the comparison after the run tells a lasting failure.
    const usage = await this.measure().catch(() => null);
    if (this.ended) return;
    const reason = usage && this.ceiling.passedBy(usage);
    if (reason) {
      this.end();
      this.stop(reason);
      return;
    }
    const pause = usage && this.ceiling.isNear(usage) ? SOON_MS : PERIOD_MS;
    this.lookIn(Math.max(pause, (performance.now() - began) * COST_FACTOR));
  }
}

function countOf({ files, directories = 0 }: Content): number {
  return files + directories;
}

function stopped(code: string, held: string, limit: string): StopReason {
  const message =
    `The run was stopped: the workspace had grown to ${held}, and ${limit} are the most it may hold. ` +
    'Its files so far are kept; delete some of them before more are written.';
  return { status: 'stopped', reason: { code, message } };
}
