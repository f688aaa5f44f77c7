import type { StoredFile } from '../../files/index.js';
import type { Execution } from '../execution.entity.js';
import type { ExecutionRecord } from './execution-record.js';

/** What an execution's row tells clients. */
export type ExecutionFacts = Pick<
  Execution,
  | 'id'
  | 'workspaceRef'
  | 'messageId'
  | 'chatId'
  | 'status'
  | 'reasonCode'
  | 'reasonMessage'
  | 'kernel'
  | 'createdAt'
  | 'startedAt'
  | 'finishedAt'
  | 'timingsMs'
>;

/** A final execution as it was just stored, so that whoever waited for it need not read it again. */
export interface FinishedExecution {
  execution: ExecutionFacts;
  record: ExecutionRecord;
  /** In order of their paths. */
  files: readonly StoredFile[];
  images: readonly StoredFile[];
}
