import type { ServerEvent } from './event-stream.ts';
import type { Execution, ExecutionEvent, Output, PythonError, StoredFile } from './types.ts';

/** Null for events of a newer service. */
export function executionEvent({ type, data }: ServerEvent): ExecutionEvent | null {
  const value: unknown = JSON.parse(data);
  switch (type) {
    case 'started':
    case 'reset':
    case 'finished':
      return { type, execution: value as Execution };
    case 'stdout':
    case 'stderr':
      return { type, text: (value as { text: string }).text };
    case 'display':
      return { type, index: (value as { index: number }).index, output: value as Output };
    case 'error':
      return { type, error: value as PythonError };
    case 'file':
      return { type, file: value as StoredFile };
    default:
      return null;
  }
}
