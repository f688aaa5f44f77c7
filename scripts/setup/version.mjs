/**
 * Versions as programs tell them (`v20.19.1`, `3.11.7`, `3.14.0rc1`), compared by major and minor number.
 * @typedef {readonly [major: number, minor: number]} Version
 */

/** @type {Version} */
export const minimalNode = [20, 19];

/** @type {Version} */
export const minimalPython = [3, 11];

/**
 * @param {string} text
 * @returns {Version | null} null when the text holds no version
 */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

/**
 * @param {string} text
 * @param {Version} minimum
 * @returns {boolean} false also when the text holds no version
 */
export function isAtLeast(text, minimum) {
  const version = parseVersion(text);
  if (!version) return false;
  const [major, minor] = version;
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}
