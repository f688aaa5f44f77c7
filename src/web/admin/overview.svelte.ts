import type { Api } from '../api/api.ts';
import { messageOf } from '../api/problem.ts';
import type { AdminExecution, AdminWorkspace, KernelView, Stats } from '../api/types.ts';

const everyMs = 5000;
const samples = 60;

/** What the admin page shows, asked for again every few seconds while somebody looks. */
export class Overview {
  stats = $state.raw<Stats | null>(null);
  /** Oldest first. */
  history = $state.raw<readonly Stats[]>([]);
  kernels = $state.raw<readonly KernelView[]>([]);
  workspaces = $state.raw<readonly AdminWorkspace[]>([]);
  executions = $state.raw<readonly AdminExecution[]>([]);
  refreshedAt = $state.raw<Date | null>(null);
  problem = $state.raw<string | null>(null);

  constructor(private readonly api: Api) {}

  /** Refreshes until the returned function is called. */
  watch(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const turn = async (): Promise<void> => {
      if (document.visibilityState === 'visible') await this.refresh();
      if (!ended) timer = setTimeout(() => void turn(), everyMs);
    };
    void turn();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  async refresh(): Promise<void> {
    try {
      const [stats, kernels, workspaces, executions] = await Promise.all([
        this.api.stats(),
        this.api.kernels(),
        this.api.allWorkspaces(),
        this.api.allExecutions(),
      ]);
      const history = [...this.history, stats].slice(-samples);
      Object.assign(this, { stats, kernels, workspaces, executions, history });
      this.refreshedAt = new Date();
      this.problem = null;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }
}
