import type { ExecutionDto } from './execution.dto.js';

/** All that an execution showed as text, for models and terminals; parts that are empty are left out. */
export function outputText({ stdout, stderr, result, error }: ExecutionDto): string {
  const parts = [stdout, stderr, result, error === null ? '' : error.traceback.join('\n')];
  return parts
    .filter((part) => part !== '')
    .map((part) => (part.endsWith('\n') ? part : `${part}\n`))
    .join('');
}
