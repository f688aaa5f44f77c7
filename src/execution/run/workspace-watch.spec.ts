import type { Usage } from '../../workspaces/index.js';
import type { StopReason } from './code-run.js';
import { WorkspaceCeiling, WorkspaceWatch } from './workspace-watch.js';

const LIMITS = { maxBytes: 1000, maxFiles: 10 };
const holding = (bytes: number, files = 1, directories = 0): Usage => ({ bytes, files, directories });

describe('WorkspaceCeiling', () => {
  it('lets a workspace grow up to its limits', () => {
    const ceiling = new WorkspaceCeiling(LIMITS, holding(0, 0));
    expect(ceiling.passedBy(holding(1000, 10))).toBeNull();
    expect(ceiling.passedBy(holding(1001))?.reason?.code).toBe('workspace_bytes');
    expect(ceiling.passedBy(holding(0, 6, 5))?.reason?.code).toBe('workspace_files');
  });

  it('lets a run that starts over a limit delete, and not add', () => {
    const ceiling = new WorkspaceCeiling(LIMITS, holding(5000, 50));
    expect(ceiling.passedBy(holding(5000, 50))).toBeNull();
    expect(ceiling.passedBy(holding(4000, 50))).toBeNull();
    expect(ceiling.passedBy(holding(5001, 50))?.reason?.code).toBe('workspace_bytes');
    expect(ceiling.passedBy(holding(4000, 51))?.reason?.code).toBe('workspace_files');
  });
});

describe('WorkspaceWatch', () => {
  beforeEach(() => {
    import.meta.jest.useFakeTimers();
  });

  afterEach(() => {
    import.meta.jest.useRealTimers();
  });

  /** Usages in the order in which they are measured; the last one stays. */
  function aWatch(usages: (Usage | Error)[], costMs = 0): { looks: number[]; reasons: StopReason[] } {
    const seen = { looks: [] as number[], reasons: [] as StopReason[] };
    const began = performance.now();
    new WorkspaceWatch(
      async () => {
        seen.looks.push(performance.now() - began);
        const usage = usages.length > 1 ? usages.shift() : usages[0];
        if (costMs > 0) await new Promise((resolve) => setTimeout(resolve, costMs));
        if (!usage || usage instanceof Error) throw usage ?? new Error('nothing');
        return usage;
      },
      new WorkspaceCeiling(LIMITS, holding(0, 0)),
      (reason) => seen.reasons.push(reason),
    );
    return seen;
  }

  it('looks each second, sooner where the limit is near, and stops once', async () => {
    const seen = aWatch([holding(1), holding(1), holding(900), holding(1001)]);
    await import.meta.jest.advanceTimersByTimeAsync(10_000);
    expect(seen.looks).toEqual([250, 1250, 2250, 2500]);
    expect(seen.reasons.map(({ reason }) => reason?.code)).toEqual(['workspace_bytes']);
  });

  it('backs off where a look takes long', async () => {
    const seen = aWatch([holding(1)], 1000);
    await import.meta.jest.advanceTimersByTimeAsync(20_500);
    expect(seen.looks).toEqual([250, 10_250, 20_250]);
  });

  it('looks again after a failure', async () => {
    const seen = aWatch([new Error('late'), holding(2000)]);
    await import.meta.jest.advanceTimersByTimeAsync(5_000);
    expect(seen.reasons).toHaveLength(1);
  });
});
