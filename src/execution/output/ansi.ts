/* eslint-disable no-control-regex -- escape sequences begin with a control character */

/** A control sequence, as those that set colours: ECMA-48, 5.4. */
export const CONTROL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/;

/** A control sequence, or the start of one, at the end of a text. */
export const CUT_CONTROL_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*)?$/;

const ANY_ESCAPE = new RegExp(
  `${CONTROL_SEQUENCE.source}|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[@-_]`,
  'g',
);

/** The text without colours, titles, links and other escape sequences. */
export function withoutAnsi(text: string): string {
  return text.replace(ANY_ESCAPE, '');
}
