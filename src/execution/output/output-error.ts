import type { PythonError } from '../engine/index.js';
import { withoutAnsi } from './ansi.js';
import { BoundedText } from './bounded-text.js';
import type { OutputError } from './collected-output.js';

const NAME_BYTES = 1024;

/** A Python exception as plain text, of which at most `maxBytes` are kept of value and traceback each. */
export function readError(error: PythonError, maxBytes: number): OutputError {
  const traceback = bounded(error.traceback.map(withoutAnsi).join('\n'), maxBytes);
  return {
    name: bounded(error.name, NAME_BYTES),
    value: bounded(withoutAnsi(error.value), maxBytes),
    traceback: traceback === '' ? [] : traceback.split('\n'),
  };
}

function bounded(text: string, maxBytes: number): string {
  const kept = new BoundedText(maxBytes);
  kept.append(text);
  return kept.toString();
}
