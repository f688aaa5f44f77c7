import type { components } from '../generated/openapi.d.ts';

type Schemas = components['schemas'];

export type Execution = Schemas['ExecutionDto'];
export type ExecutionStatus = Execution['status'];
/** What has a default may be left out. */
export type ExecuteBody = Pick<Schemas['ExecuteBody'], 'code'> & Partial<Schemas['ExecuteBody']>;
export type Output = Schemas['OutputDto'];
export type PythonError = Schemas['PythonErrorDto'];
export type StoredFile = Schemas['FileDto'];
export type Account = Schemas['AccountDto'];
export type Chat = Schemas['ChatDto'];
export type SharedLink = Schemas['SharedLinkDto'];
export type Problem = Schemas['Problem'];
export type Stats = Schemas['StatsDto'];
export type KernelView = Schemas['KernelDto'];
export type AdminWorkspace = Schemas['AdminWorkspaceDto'];
export type AdminExecution = Schemas['AdminExecutionDto'];
export type Cleanup = Schemas['CleanupDto'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** What an execution tells while it runs (SSE events by name). */
export type ExecutionEvent =
  | { type: 'started' | 'reset' | 'finished'; execution: Execution }
  | { type: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; index: number; output: Output }
  | { type: 'error'; error: PythonError }
  | { type: 'file'; file: StoredFile };

const finalStatuses: ReadonlySet<ExecutionStatus> = new Set([
  'ok',
  'error',
  'timeout',
  'interrupted',
  'died',
  'stopped',
]);

export function isFinal({ status }: Execution): boolean {
  return finalStatuses.has(status);
}
