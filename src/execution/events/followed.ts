import { validate as isUuid } from 'uuid';

/** An execution that a stream of several tells, and the last event of it that the client has; 0 for none. */
export interface Followed {
  executionId: string;
  lastEventId: number;
}

/** `<execution>`, or the id of its last event, `<execution>:7`; null for anything else. */
export function readFollowed(text: unknown): Followed | null {
  const [, executionId, last] = /^([0-9a-f-]{36})(?::(\d{1,15}))?$/i.exec(String(text)) ?? [];
  if (executionId === undefined || !isUuid(executionId)) return null;
  return { executionId: executionId.toLowerCase(), lastEventId: Number(last ?? 0) };
}
