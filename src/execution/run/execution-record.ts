import type { Warning } from '../../files/index.js';
import { decodeOutput, encodeOutput, type CollectedOutput, type OutputEntry } from '../output/index.js';

/** Lists of an Execution end here; `totals` tell how long they were. */
export const LIST_LIMIT = 200;

/** What the `output` column of an execution holds, beside what has columns of its own. */
export interface ExecutionRecord {
  stdout: string;
  stderr: string;
  result: string;
  outputs: readonly OutputEntry[];
  error: CollectedOutput['error'];
  deleted: readonly string[];
  warnings: readonly Warning[];
  totals: { files: number; deleted: number; warnings: number; outputs: number };
  truncated: boolean;
}

export interface RecordParts {
  output: CollectedOutput;
  /** File ids of stored images by the index of their output. */
  imageIds: ReadonlyMap<number, string>;
  files: number;
  deleted: readonly string[];
  warnings: readonly Warning[];
}

export function makeRecord({ output, imageIds, files, deleted, warnings }: RecordParts): ExecutionRecord {
  const all: Warning[] = [...warnings, ...output.warnings];
  return {
    stdout: output.stdout,
    stderr: output.stderr,
    result: output.result,
    outputs: output.outputs.map((entry, index) => ({
      ...entry,
      file_id: imageIds.get(index) ?? entry.file_id,
    })),
    error: output.error,
    deleted: deleted.slice(0, LIST_LIMIT),
    warnings: all.slice(0, LIST_LIMIT),
    totals: { files, deleted: deleted.length, warnings: all.length, outputs: output.outputsTotal },
    truncated: output.truncated,
  };
}

export const EMPTY_RECORD: ExecutionRecord = {
  stdout: '',
  stderr: '',
  result: '',
  outputs: [],
  error: null,
  deleted: [],
  warnings: [],
  totals: { files: 0, deleted: 0, warnings: 0, outputs: 0 },
  truncated: false,
};

/** For the `bytea` column. */
export async function encodeRecord(record: ExecutionRecord): Promise<Buffer> {
  return await encodeOutput(record);
}

export async function decodeRecord(bytes: Buffer): Promise<ExecutionRecord> {
  return (await decodeOutput(bytes)) as ExecutionRecord;
}
