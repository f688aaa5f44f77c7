/** One line of the table: a measurement, beside what it is compared with. */
export interface Row {
  /** Stable: bounds name it. */
  id: string;
  what: string;
  unit: 'ms' | 'runs/s' | 'MB' | 'MB/s' | 'CPU s';
  ours: number;
  oursP95?: number;
  other?: { name: string; value: number; p95?: number };
  /** Set against `goal`: what design asks for, "at most" or "at least". */
  ratio?: { value: number; goal: { most: number } | { least: number } };
}

/** How much is measured. */
export interface Scale {
  rounds: number;
  slowRounds: number;
  seconds: number;
  sustainedSeconds: number;
  concurrencies: readonly number[];
  files: number;
  largeFileMiB: number;
}

export const FULL: Scale = {
  rounds: 200,
  slowRounds: 20,
  seconds: 10,
  sustainedSeconds: 60,
  concurrencies: [1, 8, 32],
  files: 10_000,
  largeFileMiB: 1024,
};

export const QUICK: Scale = {
  rounds: 30,
  slowRounds: 4,
  seconds: 3,
  sustainedSeconds: 5,
  concurrencies: [8],
  files: 2_000,
  largeFileMiB: 128,
};
