/** How many rows each table holds. */
export interface TableSizes {
  files: number;
  executions: number;
  workspaces: number;
}

/** How much is measured. */
export interface Scale {
  rounds: number;
  slowRounds: number;
  seconds: number;
  sustainedSeconds: number;
  concurrencies: readonly number[];
  /** Files of one workspace that is compared. */
  files: number;
  largeFileMiB: number;
  /** Whether rows about the size of the database are measured on both. */
  bothHomes: boolean;
  /** Rows of the same table in a small and a large database. */
  small: TableSizes;
  large: TableSizes;
  /** Kernels alive beside the one that is used. */
  kernels: number;
  /** Workspaces that are cleaned up. */
  expired: number;
  /** Messages after which the service must be as small as before. */
  messages: number;
}

export const FULL: Scale = {
  rounds: 200,
  slowRounds: 20,
  seconds: 10,
  sustainedSeconds: 60,
  concurrencies: [1, 8, 32],
  files: 10_000,
  largeFileMiB: 1024,
  bothHomes: true,
  small: { files: 10_000, executions: 1_000, workspaces: 10 },
  large: { files: 1_000_000, executions: 1_000_000, workspaces: 10_000 },
  kernels: 100,
  expired: 10_000,
  messages: 1_000,
};

export const QUICK: Scale = {
  rounds: 20,
  slowRounds: 3,
  seconds: 1,
  sustainedSeconds: 3,
  concurrencies: [8],
  files: 2_000,
  largeFileMiB: 64,
  bothHomes: false,
  small: { files: 1_000, executions: 1_000, workspaces: 10 },
  large: { files: 20_000, executions: 20_000, workspaces: 2_000 },
  kernels: 8,
  expired: 100,
  messages: 60,
};
