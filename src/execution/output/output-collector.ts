import type { Display, ExecutionListener, PythonError } from '../engine/index.js';
import type { CollectedOutput } from './collected-output.js';

export interface OutputLimits {
  /** Bytes of UTF-8 kept of each of stdout, stderr and result: half head, half tail. */
  readonly maxOutputBytes: number;
}

/** Accumulates what one execution shows. */
export class OutputCollector implements ExecutionListener {
  constructor(_limits: OutputLimits) {
    throw new Error('the accumulation is written in the next commit');
  }

  declare started: () => void;
  declare stdout: (text: string) => void;
  declare stderr: (text: string) => void;
  declare display: (display: Display) => void;
  declare result: (display: Display) => void;
  declare error: (error: PythonError) => void;
  declare clearOutput: (wait: boolean) => void;

  /** What was shown so far; may be called at any time, also while more arrives. */
  declare snapshot: () => CollectedOutput;
}
