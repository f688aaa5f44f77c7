/** A link as the service prints it at its first start, or a bare token. */
export function tokenIn(text: string): string | null {
  const fragment = /#(?:.*&)?token=([^&\s]+)/.exec(text)?.[1];
  if (fragment !== undefined) return decodeURIComponent(fragment);
  return /^[\w.~+/=-]{8,}$/.test(text.trim()) ? text.trim() : null;
}

/** Takes the token out of the address, so that it stays neither in the bar nor in the history. */
export function takeToken(
  { hash, pathname, search }: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | null {
  if (!/[#&]token=/.test(hash)) return null;
  history.replaceState(null, '', `${pathname}${search}`);
  return tokenIn(hash);
}
